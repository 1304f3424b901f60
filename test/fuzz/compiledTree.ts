import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import type { TreeText } from '../../server/src/model/readTree.js';
import { EMULATOR_FILES } from '../emulatorFiles.js';
import { FUZZ_HEADERS } from '../fuzzFiles.js';
import { standIns } from '../emulator/program.js';

/** Headers that C code includes and no sample has. */
const EMPTY_HEADERS = ['linux/types.h', 'linux/kbuild.h', 'asm/fpu/api.h'].map((name) => `arch/x86/include/${name}`);

const C_OPTIONS = ['-std=gnu11', '-fsyntax-only', '-Werror=implicit-function-declaration', '-fmax-errors=0'];

/** A tree on disk that gcc and as are asked about. */
export interface CompiledTree {
  /** What they refuse in the tree with another text of a file that they accept, or refuse otherwise, in the tree as it is. */
  readonly refusals: (path: string, text: string) => readonly string[];
  readonly remove: () => void;
}

/** Writes a tree of our own where gcc can read it. What names it lacks of the kernel is counted as no error. */
export function compiledTree(tree: TreeText): CompiledTree {
  const directory = mkdtempSync(join(tmpdir(), 'kvm-regs-compiled-'));
  const texts = Object.fromEntries(tree.files.map(({ path, text }) => [path, text]));
  const empty = Object.fromEntries(EMPTY_HEADERS.map((path) => [path, '']));
  const host = { 'arch/x86/include/linux/kvm_host.h': '#include <asm/kvm_host.h>\n' };
  for (const [path, text] of Object.entries({ ...empty, ...host, ...standIns(texts), ...texts }))
    write(directory, path, text);
  const sources = tree.files.map(({ path }) => path).filter((path) => /\.[cS]$/.test(path));
  const known = new Map(sources.map((path) => [path, new Set(errorsOf(directory, path))]));
  return {
    refusals: (path, text) => {
      write(directory, path, text);
      const found = (path.endsWith('.h') ? sources : [path]).flatMap((source) =>
        errorsOf(directory, source).filter((error) => !known.get(source)?.has(error)),
      );
      write(directory, path, texts[path] ?? '');
      return [...new Set(found)];
    },
    remove: () => {
      rmSync(directory, { recursive: true });
    },
  };
}

function write(directory: string, path: string, text: string): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), text);
}

/** What gcc or as finds wrong in a file, without the place. */
function errorsOf(directory: string, path: string): string[] {
  const include = ['arch/x86/include', dirname(path), 'arch/x86/kvm'].flatMap((name) => ['-I', join(directory, name)]);
  const own = path.endsWith('.S')
    ? ['-w', '-DPATCHED=1', '-include', join(EMULATOR_FILES, 'include', 'kernel.h'), '-c', '-o', '/dev/null']
    : [...C_OPTIONS, '-include', join(FUZZ_HEADERS, 'kernel.h')];
  const { stderr, error } = spawnSync('gcc', [...own, ...include, join(directory, path)], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  if (error) throw error;
  if (stderr.includes('fatal error:')) throw new Error(stderr);
  return Array.from(stderr.matchAll(/: error: (.*)$/gim), ([, message = '']) => message);
}
