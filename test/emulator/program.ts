import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EMULATOR_FILES } from '../emulatorFiles.js';
import type { Texts } from '../slotAnswers.js';

/** A world switch to be made into a program. */
export interface WorldSwitchSource {
  readonly files: Texts;
  /** The file that has it: assembly, or C with `asm()` statements that compiles without the kernel's headers. */
  readonly path: string;
  /** ALTERNATIVEs are patched. */
  readonly isPatched: boolean;
}

const HEADERS = join(EMULATOR_FILES, 'include');

/** Where emulate.py has memory for symbols outside of a program, and in what distances. */
const OUTSIDE = 0x10_0000;
const OUTSIDE_STEP = 0x40;

/** In bytes from the vCPU: the register array as emulate.py has it, and what other offsets begin with. */
const REGS_OFFSET = 0x100;
const OTHER_OFFSETS = 0x40;

/** The headers that world switches include, which the one of the tests stands for. */
const STAND_INS = [
  'linux/linkage.h',
  'asm/asm.h',
  'asm/bitsperlong.h',
  'asm/frame.h',
  'asm/nospec-branch.h',
  'asm/percpu.h',
];

/** Compiles and links a world switch. Returns the executable's path in `directory`; null where the tools refuse it, and say why. */
export function buildProgram(source: WorldSwitchSource, directory: string): string | null {
  const texts = { ...standIns(source.files), ...source.files };
  for (const [path, text] of Object.entries(texts)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  const includes = ['arch/x86/include', dirname(source.path), 'arch/x86/kvm'].flatMap((path) => [
    '-I',
    join(directory, path),
  ]);
  const elf = join(directory, 'program.elf');
  const objects = sourcesOf(source).map((path) => ({ path, object: join(directory, `${path}.o`) }));
  const isCompiled = objects.every(({ path, object }) =>
    succeeds('gcc', [
      ...COMPILER_OPTIONS,
      ...includes,
      `-DPATCHED=${source.isPatched ? '1' : '0'}`,
      '-include',
      join(HEADERS, 'kernel.h'),
      '-c',
      join(directory, path),
      '-o',
      object,
    ]),
  );
  const linked = objects.map(({ object }) => object);
  const isBuilt = isCompiled && succeeds('ld', [...LINKER_OPTIONS, ...outsideSymbols(linked), ...linked, '-o', elf]);
  return isBuilt ? elf : null;
}

const COMPILER_OPTIONS = [
  '-std=gnu89',
  '-O1',
  '-w',
  '-mno-red-zone',
  '-fno-pic',
  '-mcmodel=kernel',
  '-fomit-frame-pointer',
  '-fcf-protection=none',
  '-ffreestanding',
];
const LINKER_OPTIONS = ['-static', '-Ttext=0x400000', '-e', '0', '-z', 'noexecstack'];

function succeeds(command: string, args: readonly string[]): boolean {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) console.warn(stderr);
  return status === 0;
}

/** The file itself, and the other assembly of its tree. */
function sourcesOf({ files, path }: WorldSwitchSource): string[] {
  return [path, ...Object.keys(files).filter((other) => other !== path && other.endsWith('.S'))];
}

/** Gives each symbol that all objects lack an address. */
function outsideSymbols(objects: readonly string[]): string[] {
  const symbols = (option: string) =>
    spawnSync('nm', [option, '-P', ...objects], { encoding: 'utf8' })
      .stdout.split('\n')
      .flatMap((line) => /^[^\s:]+(?= )/.exec(line) ?? []);
  const defined = new Set(symbols('--defined-only'));
  const names = [...new Set(symbols('-u'))].filter((name) => !defined.has(name));
  return names.map((name, i) => `--defsym=${name}=${String(OUTSIDE + i * OUTSIDE_STEP)}`);
}

/** Headers of the kernel that the files do not have, and the offsets that kbuild makes of kvm-asm-offsets.c. */
export function standIns(files: Texts): Texts {
  const missing = STAND_INS.map((name) => `arch/x86/include/${name}`).filter((path) => !(path in files));
  const offsets = Object.entries(files).find(([path]) => path.endsWith('kvm-asm-offsets.c'))?.[1] ?? '';
  return {
    ...Object.fromEntries(missing.map((path) => [path, ''])),
    'arch/x86/kvm/kvm-asm-offsets.h': offsetDefines(offsets),
  };
}

function offsetDefines(text: string): string {
  const uses = text.matchAll(/\bOFFSET\((\w+), \w+, ([\w.]+)\)/g);
  return Array.from(uses, ([, symbol = '', member = ''], i) => {
    const offset = /\barch\.regs$/.test(member) ? REGS_OFFSET : OTHER_OFFSETS + 8 * i;
    return `#define ${symbol} ${String(offset)}\n`;
  }).join('');
}
