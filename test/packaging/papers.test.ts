import { expect, it } from 'vitest';
import { licences } from '../../packaging/licences.js';
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
  expect(scoop).toMatchObject({ version: manifest.version, architecture: { '64bit': { hash: '2'.repeat(64) } } });
  expect(texts['winget/mailauth.mailauth.installer.yaml']).toContain(`InstallerSha256: ${'2'.repeat(64)}`);
  for (const { file, sha256 } of sums.filter((one) => one.file !== 'mailauth.exe')) {
    expect(texts['homebrew/mailauth.rb']).toMatch(new RegExp(`/${file}"\\n +sha256 "${sha256}"`));
  }
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
