import type { IndexedFunction, IndexedKind, Wrapper } from '../facts/symbols/treeSymbols.js';
import { architecturalName } from '../model/query/registers.js';
import type { RegisterModel } from '../model/registerModel.js';
import { lineEvidence } from './evidence.js';
import { code, statement, strong, type Explanation, type Phrase } from './explanation.js';

/** A function that takes a register's number, where nothing says what it is given. */
export function explainIndexedFunction(model: RegisterModel, indexed: IndexedFunction): Explanation {
  const isOfEmulator = indexed.storage === 'emulator';
  const bit = BIT_WORDS.get(indexed.kind);
  const where = isOfEmulator ? "the emulator's copy, " : 'the register cache, ';
  const array = isOfEmulator ? 'ctxt->_regs[]' : 'vcpu->arch.regs[]';
  const what: Phrase[] = bit
    ? [
        strong('Any register'),
        `: ${bit.words}, by the number that `,
        code(indexed.name),
        ' is given, in ',
        code(bit.where),
      ]
    : [
        strong('Any GPR'),
        `: ${ACCESS_WORDS.get(indexed.kind) ?? indexed.kind} by the number that `,
        code(indexed.name),
        ` is given, of ${where}`,
        code(array),
      ];
  return {
    subject: { kind: 'accessor', name: indexed.name },
    answer: statement(what, [lineEvidence(model, indexed.file, indexed.offset)]),
    owners: [],
    notes: [],
  };
}

const ACCESS_WORDS: ReadonlyMap<IndexedKind, string> = new Map([
  ['write', 'written'],
  ['readwrite', 'changed'],
]);

/** What is done with a register's bits, and the bitmaps that these are in. */
const BIT_WORDS: ReadonlyMap<IndexedKind, { readonly words: string; readonly where: string }> = new Map([
  ['test-available', { words: 'tests its avail bit', where: 'vcpu->arch.regs_avail' }],
  ['test-dirty', { words: 'tests its dirty bit', where: 'vcpu->arch.regs_dirty' }],
  ['mark-available', { words: 'sets its avail bit', where: 'vcpu->arch.regs_avail' }],
  ['mark-dirty', { words: 'sets its dirty bit, and its avail bit', where: 'vcpu->arch.regs_dirty' }],
  [
    'mark-reload',
    { words: 'clears its avail and dirty bits, so that it is fetched again', where: 'vcpu->arch.regs_avail' },
  ],
]);

/** A function that is built on accessors. */
export function explainWrapper(model: RegisterModel, { name, uses, file, offset }: Wrapper): Explanation {
  const registers = uses.map(
    ({ member, width, kind }) => `${architecturalName(model, member)}${width === 32 ? ', low 32 bits' : ''} (${kind})`,
  );
  return {
    subject: { kind: 'function', name },
    answer: statement(
      [strong(name), `: built on accessors, ${registers.join(', ')} of the register cache`],
      [lineEvidence(model, file, offset)],
    ),
    owners: [],
    notes: [],
  };
}
