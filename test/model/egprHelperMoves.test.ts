import { describe, expect, it } from 'vitest';
import { explainAt } from '../../server/src/explain/explainAt.js';
import { explanationText } from '../../server/src/explain/explanationText.js';
import { readTree } from '../../server/src/model/readTree.js';
import type { RegisterModel } from '../../server/src/model/registerModel.js';
import { sourceOf } from '../../server/src/model/query/text.js';
import { parser, treeAt } from '../engine.js';
import { samplePath } from '../samples.js';

const HELPERS = 'arch/x86/kvm/apx.S';
const LOAD = '\tLOAD_REGS %rdi, VCPU_arch_regs, \\\n\t\t  %r16, %r17, %r18, %r19, %r20, %r21, %r22, %r23\n';
const STORE = LOAD.replace('LOAD_REGS', 'STORE_REGS');
const MARK = /^\s*\/\/[\^ ].*\n/gm;

/** The sample whose helpers move R16-R31 around VM-entry, with other instructions for half of them. */
async function modelWith(load: string, store: string): Promise<RegisterModel> {
  const tree = treeAt(samplePath('apx-xfeatures'));
  const files = tree.files.map(({ path, text }) => ({
    path,
    text: path === HELPERS ? text.replace(MARK, '').replace(LOAD, load).replace(STORE, store) : text,
  }));
  return readTree(await parser(), { ...tree, files });
}

/** R20's moves on VMX, and what is missing of them. */
function movesOf({ registers }: RegisterModel) {
  const vmx = registers.find(({ register }) => register === 'R20')?.owners.find(({ backend }) => backend === 'vmx');
  const places = (moves: readonly { readonly function: string; readonly phase: string }[] = []) =>
    moves.map((move) => `${move.function} ${move.phase}`);
  return { load: places(vmx?.load), store: places(vmx?.store), missing: vmx?.missing };
}

const SLOTS = [16, 17, 18, 19, 20, 21, 22, 23];
const all = (line: (number: number) => string, numbers = SLOTS) => numbers.map((n) => `\t${line(n)}\n`).join('');
const slot = (n: number) => `VCPU_arch_regs + ${String(n * 8)}(%rdi)`;
const reg = (n: number) => `%r${String(n)}`;

describe('helpers move R16-R31', () => {
  it.each([
    [
      'through the stack, two at once',
      all((n) => `pushq ${slot(n)}`, SLOTS.toReversed()) +
        all((n) => `pop2 ${reg(n + 1)}, ${reg(n)}`, [16, 18, 20, 22]),
      all((n) => `push ${reg(n)}`, SLOTS.toReversed()) + all((n) => `popq ${slot(n)}`),
    ],
    [
      'by way of another register',
      all((n) => `mov ${slot(n)}, %rax\n\tmov %rax, ${reg(n)}`),
      all((n) => `mov ${reg(n)}, %rax\n\tmov %rax, ${slot(n)}`),
    ],
    [
      'by swapping them with their slots',
      all((n) => `xchg ${reg(n)}, ${slot(n)}`),
      all((n) => `xchg ${slot(n)}, ${reg(n)}`),
    ],
  ])('%s', async (_, load, store) => {
    expect(movesOf(await modelWith(load, store))).toEqual({
      load: ['kvm_apx_restore vm-exit'],
      store: ['kvm_apx_save vm-entry'],
      missing: [],
    });
  });

  it('and a swap is called one where it stands', async () => {
    const swap = all((n) => `xchg ${reg(n)}, ${slot(n)}`);
    const model = await modelWith(swap, swap);
    const text = sourceOf(model, HELPERS)?.text ?? '';
    const found = explainAt(model, HELPERS, text.lastIndexOf('xchg'));
    expect(found && explanationText(found.explanation)).toMatch(/^Swaps R23 with vcpu->arch\.regs\[\]/);
  });
});
