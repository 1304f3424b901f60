import { isWhileRunning } from '../../backends/owner.js';
import type { Transfer } from '../../backends/transfer.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import { literalsIn, literalsOf } from '../../syntax/conditions/guard.js';
import { isReporting } from '../../syntax/conditions/reports.js';
import type { Atom, Condition } from '../../syntax/conditions/condition.js';
import type { SourceText } from '../../syntax/text/sourceText.js';
import { groupByEach } from '../groupBy.js';
import type { Register, RegisterModel } from '../registerModel.js';
import { isFieldBeside, saveAreaOf, vendorOfFile } from './backends.js';
import { argumentTexts } from './callText.js';
import { isMemberAt, sourceOf } from './text.js';

/** What an owner's transfer hangs on. */
export interface ConditionedMove {
  readonly register: Register;
  readonly backend: string;
  readonly transfer: Transfer;
  readonly direction: 'load' | 'store';
  /** The condition under which the register is owned so. */
  readonly when: Condition | null;
}

/**
 * The transfers by which registers come to the cache and go back that are done only under a test of what a word names, where it stands
 * at an offset of a file. A function that tests whichever feature it is given, `guest_cpu_cap_has()`, is meant only with the same one.
 */
export function movesUnder(
  model: RegisterModel,
  path: string,
  offset: number,
  word: string,
): readonly ConditionedMove[] {
  const text = sourceOf(model, path)?.text ?? '';
  const found = movesByWord(model);
  // A member of the vCPU's is the same one in every module; a function may ask the same for another purpose there.
  if (isMemberAt(text, offset)) return found.get(`.${word}`) ?? [];
  const given = argumentTexts(text, offset).filter((argument) => CONSTANT.test(argument));
  const moves = found.get(word) ?? found.get(calledWord(word, given)) ?? [];
  return moves.filter(({ backend }) => isOfVendor(model, path, backend));
}

/** Whether code of a file may be about a backend's guests: that of another vendor's module is not. */
function isOfVendor(model: RegisterModel, path: string, backend: string): boolean {
  const vendor = vendorOfFile(model, path);
  const own = model.backends.find(({ name }) => name === backend)?.definition?.vendor ?? backend;
  return vendor === null || vendor === own;
}

/** A tested function, with the constants that it is given: `svm_is_intercept(INTERCEPT_CR0_WRITE)`. */
function calledWord(callee: string, constants: readonly string[]): string {
  return `${callee}(${constants.join(',')})`;
}

const movesByWord = memoizeByIdentity((model: RegisterModel) => {
  const names = fileScopeNames(model);
  // A local variable of the same name elsewhere is another one.
  const isOfTree = (word: string) => !/^[a-z_]\w*$/.test(word) || names.has(word);
  return groupByEach(conditionedMoves(model), (move) => [...testedWords(move)].filter(isOfTree));
});

function conditionedMoves(model: RegisterModel): ConditionedMove[] {
  return model.registers.flatMap((register) => {
    const ofOwners = register.owners.flatMap(({ backend, load, store, when }) => {
      const base = { register, backend, when };
      return [
        ...load.filter(isWhileRunning).map((transfer) => ({ ...base, transfer, direction: 'load' as const })),
        ...store.filter(isWhileRunning).map((transfer) => ({ ...base, transfer, direction: 'store' as const })),
      ];
    });
    return [...ofOwners, ...storesBeside(model, register)];
  });
}

/** What is copied from a register's cache to a field that is not the register's own, such as `control.next_rip`. */
function storesBeside(model: RegisterModel, register: Register): ConditionedMove[] {
  return model.backends.flatMap(({ name: backend }) => {
    const area = saveAreaOf(model, backend);
    return register.transfers.flatMap((transfer) => {
      const { from, to } = transfer;
      const isBeside = from?.kind === 'cache' && to?.kind === area && isFieldBeside(model, to, register.register);
      return isBeside && isWhileRunning(transfer)
        ? [{ register, backend, transfer, direction: 'store', when: null }]
        : [];
    });
  });
}

/** The names that files declare outside of functions, by the kernel's style of doing so: from the first column on. */
export const fileScopeNames = memoizeByIdentity(
  ({ files }: RegisterModel): ReadonlySet<string> =>
    new Set([...files.values()].flatMap(({ source }) => [...namesDeclaredIn(source)])),
);

const namesDeclaredIn = memoizeByIdentity(
  ({ text }: SourceText): ReadonlySet<string> =>
    new Set(Array.from(text.matchAll(DECLARATION), ([, name = '']) => name)),
);

const DECLARATION = /^(?:(?:static|extern|const|bool|int|unsigned|long|u8|u16|u32|u64|__[a-z]\w*)[ \t]+)+(\w+)/gm;

function testedWords({ transfer: { conditions }, when }: ConditionedMove): ReadonlySet<string> {
  const owners = when ? literalsIn(when) : [];
  return new Set([...literalsOf(conditions), ...owners].flatMap(({ atom }) => subjectOf(atom)));
}

/** What an atom asks for, by the names that code has for it: a function, `f()` or `f(FEATURE)`; a variable, or a member, `.m`; a bit. */
function subjectOf(atom: Atom): string[] {
  switch (atom.kind) {
    case 'call': {
      const constants = atom.arguments.filter((argument) => CONSTANT.test(argument));
      const isTest = !isReporting(atom.callee) && !HINTS.has(atom.callee);
      return [...(isTest ? [calledWord(atom.callee, constants)] : []), ...constants];
    }
    case 'bits':
      return [...lastName(atom.value), ...(/^\w+$/.test(atom.mask) ? [atom.mask] : [])];
    case 'value':
      return lastName(atom.text);
    case 'comparison':
      return lastName(atom.left);
    case 'number':
    case 'other':
      return [];
  }
}

/** Hints at a condition that are none themselves (linux/compiler.h). */
const HINTS: ReadonlySet<string> = new Set(['likely', 'unlikely']);

/** A constant, by the kernel's style. */
const CONSTANT = /^[A-Z][A-Z\d_]{3,}$/;

/** The variable, or the member with a dot before it, that an expression ends with. */
function lastName(text: string): string[] {
  const [, before = '', name] = /(\.|->)?\b(\w+)$/.exec(text.trimEnd()) ?? [];
  return name === undefined ? [] : [before === '' ? name : `.${name}`];
}
