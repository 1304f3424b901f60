import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TreeText } from '../../server/src/model/readTree.js';
import { parser, treeAt } from '../engine.js';
import { samplePath } from '../samples.js';
import { compiledTree, type CompiledTree } from './compiledTree.js';
import { hasCpp } from './cpp.js';
import { tokenChanges } from './tokenChanges.js';
import { tokenFuzzer } from './tokenFuzzer.js';

const HAS_GCC = hasCpp();
if (!HAS_GCC) console.warn('gcc is not there: half-typed code is not compared with it');

/** A seed like any other. */
const SEED = 14;
const INPUTS = 60;

const X86 = 'arch/x86/kvm/x86.c';

it('changes each token in several ways', () => {
  expect(tokenChanges('a(12);').map(({ kind, by }) => `${kind} ${by}`)).toEqual([
    ...['deleted ', 'doubled a a', 'deleted ', 'doubled ( (', 'other ['],
    ...[
      'deleted ',
      'doubled 12 12',
      'other 13',
      'deleted ',
      'doubled ) )',
      'other ]',
      'deleted ',
      'doubled ; ;',
      'other ,',
    ],
  ]);
});

describe.skipIf(!HAS_GCC)('compared with gcc and as', () => {
  let tree: TreeText;
  let compiled: CompiledTree;
  beforeAll(() => {
    tree = treeAt(samplePath('load-store-regs'));
    compiled = compiledTree(tree);
  });
  afterAll(() => {
    compiled.remove();
  });

  const refusals = (path: string, written: string, by: string) => {
    const text = tree.files.find((file) => file.path === path)?.text ?? '';
    expect(text).toContain(written);
    return compiled.refusals(path, text.replace(written, by));
  };

  it('takes what compiles, and refuses what does not', () => {
    expect(refusals(X86, 'regs->r8 = kvm_r8_read_raw(vcpu);', ';')).toEqual([]);
    expect(refusals(X86, 'kvm_r8_read_raw(vcpu);', 'kvm_r8_read_raw(vcpu)').join()).toMatch(/expected ';'/);
    expect(refusals(X86, 'kvm_r8_read_raw(vcpu);', 'kvm_r8_read_ra(vcpu);').join()).toMatch(/implicit declaration/);
    expect(refusals('arch/x86/kvm/vmx/vmenter.S', '%r8, %r9', '%r8, %r').join()).toMatch(/general-purpose register/);
  });

  it('finds nothing where one token is missing, doubled or another', async () => {
    const { inputs, failure } = tokenFuzzer(await parser(), [tree]).run({ seed: SEED, inputs: INPUTS });
    expect(failure).toBeNull();
    expect(inputs).toBe(INPUTS);
  });
});
