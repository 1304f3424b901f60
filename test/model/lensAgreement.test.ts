import { describe, expect, it } from 'vitest';
import { readTree } from '../../server/src/model/readTree.js';
import type { RegisterModel } from '../../server/src/model/registerModel.js';
import { modelOfTree, parser, treeAt } from '../engine.js';
import { LISTED } from '../kernels/apxDesigns/listedSeries.js';
import { withSeries } from '../kernels/apxDesigns/series.js';
import { describeKernels, kernels } from '../kernels.js';
import { identifiersOf } from '../kernels/renaming.js';
import { sampleNames, samplePath } from '../samples.js';
import { documentContradictions } from './documentContradictions.js';
import { documentsOf, type Documents, type JsonMove, type JsonState } from './jsonDocuments.js';
import { moveContradictions, stateContradictions } from './lensContradictions.js';

/*
 * Lenses of functions and the JSON documents are made by code of their own. What one says of a register or a component, the
 * others must say.
 */

const TREES = [
  ...sampleNames().map((name) => ({ name, root: samplePath(name) })),
  ...kernels().map(({ version, root }) => ({ name: `linux-${version}`, root })),
];

function contradictions(model: RegisterModel, documents: Documents = documentsOf(model)): string[] {
  return [
    ...stateContradictions(model, documents),
    ...moveContradictions(model, documents),
    ...documentContradictions(model, documents),
  ];
}

describe('lenses of functions, map --json and xsave --json say the same', () => {
  it.each(TREES)('$name', async ({ root }) => {
    expect(contradictions(await modelOfTree(root))).toEqual([]);
  });
});

describeKernels(
  'and of the series on the list, written into',
  ({ root }) => {
    it('no two contradict each other', async () => {
      expect(contradictions(readTree(await parser(), withSeries(treeAt(root), LISTED)))).toEqual([]);
    });
  },
  ({ root }) => identifiersOf(treeAt(root)).has('NR_VCPU_GENERAL_PURPOSE_REGS'),
);

describe('a document that is changed is found out', () => {
  const CHANGES: readonly (readonly [string, (documents: Documents) => Documents, RegExp])[] = [
    [
      'a register moved on the other side of VM-entry',
      withMoves('CR3', inPhase('vm-exit')),
      /CR3 vm-exit of the map|says CR3/,
    ],
    ['a register moved by another function', withMoves('RIP', by('svm_vcpu_load')), /RIP|lens lacks/],
    ['a register never moved', withMoves('RSP', () => []), /RSP/],
    [
      'R20 moved without a condition',
      withMoves('R20', (moves) => moves.map((m) => ({ ...m, guards: [] }))),
      /R20: conditions differ/,
    ],
    ['R20 loaded by another function than its component', withMoves('R20', by('__svm_vcpu_run')), /R20: loads differ/],
    [
      'PKRU loaded after VM-exit',
      withStates('PKRU', (t) => ({ ...t, phase: t.phase === 'vm-entry' ? 'vm-exit' : t.phase })),
      /PKRU/,
    ],
    ["the host's XCR0 told as the guest's", withStates('XCR0', (t) => ({ ...t, side: 'guest' })), /XCR0 host's/],
    [
      'no transfer of XSS',
      ({ states, ...rest }) => ({ ...rest, states: states.filter(({ state }) => state !== 'XSS') }),
      /IA32_XSS/,
    ],
    [
      'APX of userspace by nobody',
      ({ components, ...rest }) => ({ ...rest, components: components.map((one) => ({ ...one, userspace: [] })) }),
      /R20: userspace paths differ/,
    ],
    [
      'a component that a guest may not enable',
      ({ components, ...rest }) => ({ ...rest, components: components.map((one) => ({ ...one, supported: 'no' })) }),
      /XFEATURE_PKRU: the map page's row/,
    ],
  ];

  it.each(CHANGES)('%s', async (_name, change, expected) => {
    const model = await modelOfTree(samplePath('apx-series'));
    const found = contradictions(model, change(documentsOf(model)));
    expect(found.join('\n')).toMatch(expected);
  });
});

type MoveChange = (moves: readonly JsonMove[]) => readonly JsonMove[];

function withMoves(register: string, change: MoveChange): (documents: Documents) => Documents {
  return ({ registers, ...rest }) => ({
    ...rest,
    registers: registers.map((one) =>
      one.register === register
        ? {
            ...one,
            owners: one.owners.map((owner) => ({ ...owner, load: change(owner.load), store: change(owner.store) })),
          }
        : one,
    ),
  });
}

function inPhase(phase: string): MoveChange {
  return (moves) => moves.map((move) => ({ ...move, phase }));
}

function by(name: string): MoveChange {
  return (moves) => moves.map((move) => ({ ...move, function: name }));
}

function withStates(state: string, change: (t: JsonState) => JsonState): (documents: Documents) => Documents {
  return ({ states, ...rest }) => ({ ...rest, states: states.map((t) => (t.state === state ? change(t) : t)) });
}
