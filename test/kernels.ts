import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'vitest';

/** A real kernel tree to test on. */
export interface Kernel {
  /** As its folder or archive states it, `7.2` for `linux-7.2-kvm.tar.xz`. */
  readonly version: string;
  /** Absolute path of the directory that holds `arch/`. Read only. */
  readonly root: string;
}

const sharedDirectory = fileURLToPath(new URL('../../shared/', import.meta.url));
const cacheDirectory = join(process.env['XDG_CACHE_HOME'] ?? tmpdir(), 'kvm-register-lens', 'kernels');

/** Where kernels are shared beside the repository. */
const SHARED_KERNELS = ['kernels', 'more-kernels'].map((name) => join(sharedDirectory, name));

/**
 * The real kernels at hand, oldest first: those in the directories that `KVM_KERNELS` names, with `:` between them (`;` on
 * Windows), else those shared beside the repository. Empty where there are none, unless `KVM_KERNELS_REQUIRED` is set: then
 * that is an error.
 */
export function kernels(): readonly Kernel[] {
  const directories = process.env['KVM_KERNELS']?.split(delimiter) ?? SHARED_KERNELS;
  const found = kernelsIn(directories.filter(existsSync), cacheDirectory);
  if (found.length === 0 && isRequired())
    throw new Error(`no kernel in ${directories.join(' or ')}, and KVM_KERNELS_REQUIRED is set`);
  return found;
}

/** The directory of the compiler's answers for those kernels, or null; an error as for {@link kernels}. */
export function truthDirectory(): string | null {
  const directory = process.env['KVM_TRUTH'] ?? join(sharedDirectory, 'truth');
  if (existsSync(directory)) return directory;
  if (isRequired()) throw new Error(`no ${directory}, and KVM_KERNELS_REQUIRED is set`);
  return null;
}

/** Tests of each real kernel that they are for; one skipped test that says why where there is none. */
export function describeKernels(
  title: string,
  tests: (kernel: Kernel) => void,
  isFor: (kernel: Kernel) => boolean = () => true,
): void {
  const all = kernels().filter(isFor);
  describe.skipIf(all.length === 0)(title, () => {
    if (all.length === 0) it('needs real kernels: KVM_KERNELS names a directory of them', () => undefined);
    for (const kernel of all) {
      describe(`linux-${kernel.version}`, () => {
        tests(kernel);
      });
    }
  });
}

/** Whether a kernel is the oldest or the newest at hand: for tests of the engine's own that need no era of each kind. */
export function isOldestOrNewest({ root }: Kernel): boolean {
  const all = kernels();
  return root === all[0]?.root || root === all.at(-1)?.root;
}

/** The kernels of some directories, oldest first: `linux-VERSION/` trees and `linux-VERSION-kvm.tar.xz`, unpacked into `cache`. */
export function kernelsIn(directories: readonly string[], cache: string): Kernel[] {
  return directories
    .flatMap((directory) => readdirSync(directory).map((name) => ({ name, path: join(directory, name) })))
    .flatMap(({ name, path }) => {
      const version = /^linux-(\d[\w.]*)(-kvm\.tar\.xz)?$/.exec(name)?.[1];
      if (version === undefined) return [];
      return [{ version, root: statSync(path).isDirectory() ? path : unpacked(path, cache) }];
    })
    .sort((a, b) => a.version.localeCompare(b.version, 'en', { numeric: true }));
}

/** The root of the archive's one tree, unpacked once: a later or simultaneous call finds it whole or not at all. */
function unpacked(archive: string, cache: string): string {
  const { size, mtimeMs } = statSync(archive);
  const target = join(cache, `${basename(archive)}-${size}-${Math.floor(mtimeMs)}`);
  if (!existsSync(target)) unpack(archive, target);
  const [top, ...others] = readdirSync(target);
  if (top === undefined || others.length > 0) throw new Error(`${archive} should hold one directory`);
  return join(target, top);
}

function unpack(archive: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  const temporary = mkdtempSync(`${target}.`);
  const tar = spawnSync('tar', ['-xf', archive, '-C', temporary], { encoding: 'utf8' });
  if (tar.status !== 0) throw new Error(`cannot unpack ${archive}: ${tar.error?.message ?? tar.stderr}`);
  try {
    renameSync(temporary, target);
  } catch (error) {
    if (!existsSync(target)) throw error;
    rmSync(temporary, { recursive: true });
  }
}

function isRequired(): boolean {
  return Boolean(process.env['KVM_KERNELS_REQUIRED']);
}
