/** Texts that package managers read, for the files in executables/. Nothing here is sent anywhere. */
import { manifest } from '../test/package/lock-file.js';
import { SUMMARY } from './linux-package.js';

export interface Summed {
  readonly file: string;
  readonly sha256: string;
}

const { version, description } = manifest;
const PUBLISHER = 'mailauth';
const ID = `${PUBLISHER}.mailauth`;

/** By path; only for systems that were made. `downloads`: where VERSION/FILE will be found. */
export function manifests(sums: readonly Summed[], downloads: string): Readonly<Record<string, string>> {
  const sumOf = (file: string): string | undefined => sums.find((one) => one.file === file)?.sha256;
  const windows = sumOf('mailauth.exe');
  return {
    ...(windows && { 'scoop/mailauth.json': scoop(windows, downloads), ...winget(windows, downloads) }),
    ...(sums.some(({ file }) => file !== 'mailauth.exe') && { 'homebrew/mailauth.rb': homebrew(sumOf, downloads) }),
  };
}

function urlOf(file: string, downloads: string): string {
  return `${downloads}/${version}/${file}`;
}

/** As its schema.json wants it. */
function scoop(sha256: string, downloads: string): string {
  const url = urlOf('mailauth.exe', downloads);
  const about = { version, description, homepage: downloads, license: 'MIT' };
  const document = { ...about, architecture: { '64bit': { url, hash: sha256 } }, bin: 'mailauth.exe' };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** Three files, as the repository of winget wants them (schema 1.6.0). */
function winget(sha256: string, downloads: string): Readonly<Record<string, string>> {
  const file = (type: string, lines: readonly string[]): string =>
    [
      `PackageIdentifier: ${ID}`,
      `PackageVersion: ${version}`,
      ...lines,
      `ManifestType: ${type}`,
      'ManifestVersion: 1.6.0',
      '',
    ].join('\n');
  const folder = `winget/${ID}`;
  return {
    [`${folder}.yaml`]: file('version', ['DefaultLocale: en-US']),
    [`${folder}.installer.yaml`]: file('installer', [
      'InstallerType: portable',
      'Commands:',
      '- mailauth',
      'Installers:',
      '- Architecture: x64',
      `  InstallerUrl: ${urlOf('mailauth.exe', downloads)}`,
      `  InstallerSha256: ${sha256.toUpperCase()}`,
    ]),
    [`${folder}.locale.en-US.yaml`]: file('defaultLocale', [
      'PackageLocale: en-US',
      `Publisher: ${PUBLISHER}`,
      'PackageName: mailauth',
      'License: MIT',
      `ShortDescription: ${JSON.stringify(description)}`,
    ]),
  };
}

/** macOS runs no changed program whose signature no longer fits; one made on the spot, by nobody, is enough. */
function homebrew(sumOf: (file: string) => string | undefined, downloads: string): string {
  const source = (file: string): readonly string[] => {
    const sha256 = sumOf(file);
    return sha256 === undefined
      ? ['      disable! date: "2026-01-01", because: :unsupported']
      : [`      url "${urlOf(file, downloads)}"`, `      sha256 "${sha256}"`];
  };
  const system = (name: string, files: { readonly arm: string; readonly intel: string }): readonly string[] => [
    `  on_${name} do`,
    ...Object.entries(files).flatMap(([cpu, file]) => [`    on_${cpu} do`, ...source(file), '    end']),
    '  end',
  ];
  return [
    'class Mailauth < Formula',
    `  desc "${SUMMARY}"`,
    `  homepage "${downloads}"`,
    `  version "${version}"`,
    '  license "MIT"',
    '',
    ...system('macos', { arm: 'mailauth-macos-arm64', intel: 'mailauth-macos-x64' }),
    ...system('linux', { arm: 'mailauth-linux-arm64', intel: 'mailauth-linux-x64' }),
    '',
    '  def install',
    '    bin.install Dir["mailauth*"].first => "mailauth"',
    '    system "codesign", "--force", "--sign", "-", bin/"mailauth" if OS.mac?',
    '  end',
    '',
    '  test do',
    '    assert_match version.to_s, shell_output("#{bin}/mailauth --version")',
    '  end',
    'end',
    '',
  ].join('\n');
}
