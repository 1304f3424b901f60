import { posix, win32 } from 'node:path';

/** The program's folder in a cache directory. */
const FOLDER = 'kvm-regs';

/**
 * Where the program keeps what it can make again: in XDG_CACHE_HOME where that is set (XDG Base Directory Specification: a
 * relative path is no setting), else where the platform has its caches. Null where the environment names no directory.
 */
export function cacheDirectory(
  environment: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): string | null {
  const paths = platform === 'win32' ? win32 : posix;
  const named = (variable: string, ...below: string[]) => {
    const directory = environment[variable] ?? '';
    return paths.isAbsolute(directory) ? paths.join(directory, ...below, FOLDER) : null;
  };
  return named('XDG_CACHE_HOME') ?? platformDirectory(platform, named);
}

function platformDirectory(
  platform: NodeJS.Platform,
  named: (variable: string, ...below: string[]) => string | null,
): string | null {
  if (platform === 'win32') return named('LOCALAPPDATA');
  return platform === 'darwin' ? named('HOME', 'Library', 'Caches') : named('HOME', '.cache');
}

const MEGABYTE = 1_000_000;

/** Megabytes. */
const USUAL_LIMIT = '200';

/** How much may be kept, in bytes, by KVM_REGS_CACHE_LIMIT, a number of megabytes; null where that is something else. */
export function cacheLimit(environment: Readonly<Record<string, string | undefined>>): number | null {
  const limit = environment['KVM_REGS_CACHE_LIMIT'] ?? USUAL_LIMIT;
  return /^\d{1,9}$/.test(limit) ? Number(limit) * MEGABYTE : null;
}
