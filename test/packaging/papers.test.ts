import { expect, it } from 'vitest';
import { licences } from '../../packaging/licences.js';
import { SUMMARY } from '../../packaging/linux-package.js';
import { manifests } from '../../packaging/manifests.js';
import { notMade, readOffer } from '../../packaging/offer.js';
import { TARGETS } from '../../packaging/targets.js';
import { manifest, ROOT, runtime } from '../package/lock-file.js';

const sums = TARGETS.map(({ file }, index) => ({ file, sha256: String(index).repeat(64) }));

it('package managers are told each file with its own checksum', () => {
  const texts = manifests(sums, 'https://downloads.happypaws.example/mailauth');
  expect(Object.keys(texts)).toEqual([
    'scoop/mailauth.json',
    'winget/mailauth.mailauth.yaml',
    'winget/mailauth.mailauth.installer.yaml',
    'winget/mailauth.mailauth.locale.en-US.yaml',
    'homebrew/mailauth.rb',
  ]);
  const scoop = JSON.parse(texts['scoop/mailauth.json'] ?? '');
  // What scoop's schema.json requires, and an address for each file.
  expect(scoop).toMatchObject({ license: 'MIT', homepage: expect.stringMatching(/^https:/) });
  expect(scoop).toMatchObject({ version: manifest.version, architecture: { '64bit': { hash: '2'.repeat(64) } } });
  expect(texts['winget/mailauth.mailauth.installer.yaml']).toContain(`InstallerSha256: ${'2'.repeat(64)}`);
  for (const { file, sha256 } of sums.filter((one) => one.file !== 'mailauth.exe')) {
    expect(texts['homebrew/mailauth.rb']).toMatch(new RegExp(`/${file}"\\n +sha256 "${sha256}"`));
  }
});

it("winget's texts keep the limits of its schema 1.6.0", () => {
  const texts = manifests(sums, 'https://downloads.happypaws.example/mailauth');
  const fieldOf = (file: string, name: string): string =>
    new RegExp(`^(?:- |  )?${name}: (.+)$`, 'm').exec(texts[`winget/mailauth.mailauth${file}.yaml`] ?? '')?.[1] ?? '';
  for (const file of ['', '.installer', '.locale.en-US']) {
    expect(fieldOf(file, 'PackageIdentifier')).toMatch(/^[^.\s\\/:*?"<>|]{1,32}(\.[^.\s\\/:*?"<>|]{1,32}){1,7}$/);
    // Unquoted: with two points YAML takes it for a text and not for a number.
    expect(fieldOf(file, 'PackageVersion')).toMatch(/^\d+\.\d+\.\d+\S*$/);
    expect(fieldOf(file, 'ManifestVersion')).toBe('1.6.0');
  }
  const description = JSON.parse(fieldOf('.locale.en-US', 'ShortDescription'));
  expect(description.length).toBeGreaterThanOrEqual(3);
  expect(description.length).toBeLessThanOrEqual(256);
  expect(fieldOf('.installer', 'InstallerUrl')).toMatch(/^https:\/\/.+\/mailauth\.exe$/);
  expect(fieldOf('.installer', 'InstallerSha256')).toMatch(/^[A-Fa-f0-9]{64}$/);
});

it('what package managers list is one short line', () => {
  expect(SUMMARY).toMatch(/^(?!An? |The )[^\n]{1,79}[^.\n]$/);
});

it('each tool of the build is one version with its hash', () => {
  for (const { node } of TARGETS) {
    expect(node.version).toMatch(/^22\.\d+\.\d+$/);
    expect(node.integrity).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/);
  }
});

it('the licence of every library comes with it', () => {
  const text = licences(ROOT);
  for (const { name, version } of runtime) expect(text).toContain(`\n${name} ${version} (`);
});

const OFFER = {
  MAILAUTH_MAINTAINER: 'Jane Doe <jane@happypaws.example>',
  MAILAUTH_DOWNLOADS: 'https://downloads.happypaws.example/mailauth/',
};

it('what only the person who offers the files knows is asked for, and nothing is made up', () => {
  expect(readOffer(OFFER)).toEqual({
    maintainer: OFFER.MAILAUTH_MAINTAINER,
    downloads: 'https://downloads.happypaws.example/mailauth',
  });
  expect(notMade(readOffer(OFFER))).toEqual([]);
  expect(notMade(readOffer({}))).toEqual([
    expect.stringContaining('set MAILAUTH_MAINTAINER'),
    expect.stringContaining('set MAILAUTH_DOWNLOADS'),
  ]);
});

it.each([
  { MAILAUTH_MAINTAINER: 'Jane Doe' },
  { MAILAUTH_MAINTAINER: 'Jane <jane@happypaws.example>\nDepends: x <a@b.example>' },
  { MAILAUTH_DOWNLOADS: 'http://happypaws.example' },
  { MAILAUTH_DOWNLOADS: 'https://happypaws.example/"x' },
])('%j is refused', (env) => {
  expect(() => readOffer(env)).toThrow(`${Object.keys(env)[0]} is `);
});
