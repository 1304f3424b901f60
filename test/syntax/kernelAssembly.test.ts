import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { asmEnvironment, readAsmDefinitions } from '../../server/src/syntax/assembler/definitions.js';
import { readAssembly, readAssemblyText, type Assembly } from '../../server/src/syntax/assembler/readAssembly.js';
import type { SlotTransfer } from '../../server/src/syntax/flow/slotTransfer.js';
import { functionFlows } from '../../server/src/syntax/flow/worldSwitchFlow.js';
import { instructionEffect } from '../../server/src/syntax/x86/mnemonics.js';
import { describeKernels, truthDirectory, type Kernel } from '../kernels.js';

const HEADERS = [
  ...['asm', 'frame', 'kvm_vcpu_regs', 'nospec-branch', 'linkage', 'percpu', 'alternative'].map(
    (name) => `arch/x86/include/asm/${name}.h`,
  ),
  'arch/x86/kvm/vmenter.h',
];

/** An assembly file with the headers that it needs. */
function assembly(kernel: Kernel, file: string, wordSize: 4 | 8): Assembly {
  const read = (path: string) => readFileSync(join(kernel.root, path), 'utf8');
  const present = HEADERS.filter((path) => existsSync(join(kernel.root, path)));
  const environment = asmEnvironment(
    present.map((path) => readAsmDefinitions(read(path))),
    wordSize,
  );
  return readAssembly(readAssemblyText(read(file)), environment);
}

/** The transfers of guest registers to and from regs[] in an assembly file, by function. */
function guestTransfers(kernel: Kernel, file: string, wordSize: 4 | 8): Map<string, SlotTransfer[]> {
  const code = assembly(kernel, file, wordSize);
  const { functions } = code;
  expect(code.problems).toEqual([]);
  const flows = functionFlows(code, functions, {
    wordSize,
    isEntry: ({ mnemonic }) => /^vm(?:run|launch|resume)$/.test(mnemonic),
    exitLabels: new Set(['vmx_vmexit']),
    noReturn: new Set(),
    inC: new Set(),
    withoutArguments: new Set(),
  });
  const transfers = [...flows.values()].flatMap((flow) => flow.transfers);
  const transfersOf = (name: string) =>
    transfers.filter((t) => t.content === 'guest' && t.instruction.function === name && isOfArray(t));
  return new Map(functions.map(({ name }) => [name, transfersOf(name)]));
}

/** Whether a move is of a slot: another member of the vCPU, such as what WRMSR is given, may stay in a register up to VM-entry too. */
function isOfArray({ displacement }: SlotTransfer): boolean {
  return [...(displacement?.symbols.keys() ?? [])].every((symbol) => /regs/i.test(symbol));
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

describeKernels('world switch', (kernel) => {
  describe.each([
    ['vmx', '__vmx_vcpu_run', 15],
    ['svm', '__svm_vcpu_run', 14],
  ] as const)('%s', (vendor, name, count) => {
    const file = `arch/x86/kvm/${vendor}/vmenter.S`;

    it.each([
      [8, count],
      [4, count - 8],
    ] as const)('moves every register both ways, words of %d bytes', (wordSize, expected) => {
      const all = guestTransfers(kernel, file, wordSize);
      const own = all.get(name) ?? [];
      const moved = (direction: string, side: string) =>
        new Set(own.flatMap((t) => (t.direction === direction && t.side === side ? t.gpr : [])));
      expect([moved('load', 'before-entry').size, moved('store', 'after-entry').size]).toEqual([expected, expected]);
      expect(own.length).toBe(2 * expected);
      expect(Array.from(all.values()).flat().length).toBe(own.length);
    });

    it('knows the effect of every instruction', () => {
      const { instructions } = assembly(kernel, file, 8);
      const unknown = instructions.filter(({ mnemonic }) => instructionEffect(mnemonic) === null);
      // Annotations for objtool, whose headers are not read here, and a __stringify in another.
      const others = unknown.filter(({ mnemonic }) => !/^(?:ANNOTATE|UNWIND|ENDBR|__stringify$)/.test(mnemonic));
      expect(others.map(({ mnemonic }) => mnemonic)).toEqual([]);
    });

    it('equals the compiler’s answer', () => {
      const truth = truthDirectory();
      const path = truth === null ? '' : join(truth, `expected-${kernel.version}.tsv`);
      if (!existsSync(path)) return;
      const expected = readFileSync(path, 'utf8')
        .split('\n')
        .map((row) => row.split('\t'))
        .filter((row) => row[1] === 'asm' && row[3] === file)
        .map(([register, , , , line, , access, , fn, side]) => [register, line, access, fn, side].join(' '));
      const text = readFileSync(join(kernel.root, file), 'utf8');
      const found = Array.from(guestTransfers(kernel, file, 8)).flatMap(([fn, transfers]) =>
        transfers.map(({ gpr, direction, side, instruction }) => {
          const access = direction === 'load' ? 'read' : 'write';
          const when = side === 'after-entry' ? 'after-exit' : side;
          return [`VCPU_REGS_${gpr ?? ''}`, lineOf(text, instruction.start), access, fn, when].join(' ');
        }),
      );
      expect(found.sort()).toEqual(expected.sort());
    });
  });
});
