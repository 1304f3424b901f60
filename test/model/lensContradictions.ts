import { lensesOf } from '../../server/src/explain/lenses.js';
import { xsaveLenses } from '../../server/src/explain/xsave/xsaveLenses.js';
import { directCallees, functionNamed } from '../../server/src/model/query/functions.js';
import { sourceOf } from '../../server/src/model/query/text.js';
import type { RegisterModel } from '../../server/src/model/registerModel.js';
import type { Documents, JsonMove, JsonRegister, JsonState } from './jsonDocuments.js';
import { moveStatements, stateStatements } from './lensStatements.js';

/** A lens with the name of what it stands on. */
interface NamedLens {
  readonly file: string;
  readonly name: string;
  readonly title: string;
}

function namedLenses(model: RegisterModel, lenses: (path: string) => ReturnType<typeof lensesOf>): NamedLens[] {
  return [...model.files.keys()].flatMap((file) => {
    const text = sourceOf(model, file)?.text ?? '';
    return lenses(file).map(({ span, title }) => ({ file, name: text.slice(span.start, span.end), title }));
  });
}

const TITLES: Readonly<Record<string, string>> = {
  XSS: 'IA32_XSS',
  XFD: 'IA32_XFD',
  XFD_ERR: 'IA32_XFD_ERR',
  fpstate: 'FPU state',
};

/** Whether a transfer of the JSON is what a lens says: whose, which way, on which side of VM-entry. */
function isSaid({ side, from, to, phase }: JsonState, move: string): boolean {
  const isOut = from?.kind === 'hardware' || to.kind === 'host';
  const isIn = to.kind === 'hardware' && from !== undefined;
  const sides: readonly (readonly [RegExp, boolean])[] = [
    [/^guest's /, side === 'guest'],
    [/^host's /, side === 'host'],
    [/^to userspace/, side === 'userspace' && to.kind === 'userspace'],
    [/^from userspace/, side === 'userspace' && to.kind !== 'userspace'],
    [/'s loaded\b/, isIn && !isOut],
    [/'s saved\b/, isOut],
    [/^(?:set|cleared)\b/, side !== 'userspace' && (from === undefined || to.kind !== 'hardware') && !isOut],
    [/before VM-entry/, phase === 'vm-entry'],
    [/after VM-exit/, phase === 'vm-exit'],
    [/at reset/, phase === 'reset'],
  ];
  return sides.every(([word, isTrue]) => !word.test(move) || isTrue);
}

/** What lenses say of XSAVE state and `xsave --json` does not, and what that says of functions whose lenses do not. */
export function stateContradictions(model: RegisterModel, { states }: Documents): string[] {
  const lenses = namedLenses(model, (file) => xsaveLenses(model, file)).filter(
    ({ name }) => !name.startsWith('XFEATURE_'),
  );
  const doers = (t: JsonState) => [{ file: t.file, function: t.function }, ...t.through.slice(0, 1)];
  const isBy = (t: JsonState, { file, name }: NamedLens) =>
    doers(t).some((at) => at.file === file && at.function === name);
  const titleOf = (t: JsonState) => TITLES[t.state] ?? t.state;
  const unfounded = lenses.flatMap((lens) =>
    stateStatements(lens.title)
      .filter(({ state, move }) => !states.some((t) => isBy(t, lens) && titleOf(t) === state && isSaid(t, move)))
      .map(({ state, move }) => `${lens.name}'s lens says ${state} ${move}, the JSON does not`),
  );
  const unsaid = states.filter((t) => {
    // Reset loads and saves what other times do as well.
    if (t.phase === 'reset' && t.from !== undefined) return false;
    // A world switch's lens counts registers; that is compared with the map.
    if (t.file.endsWith('.S')) return false;
    const own = lenses.filter((lens) => lens.file === t.file && lens.name === t.function);
    return !own.some(({ title }) =>
      stateStatements(title).some(({ state, move }) => state === titleOf(t) && isSaid(t, move)),
    );
  });
  return [...unfounded, ...unsaid.map((t) => `${t.function}'s lens lacks ${t.state} ${t.side} ${t.phase} of the JSON`)];
}

/** What a move is in a lens, by its arrow and its time. */
function isMoveSaid(statement: string, isLoad: boolean, phase: string): boolean {
  const directions = isLoad ? /^(?:<-|read from|reached)/ : /^(?:->|set in|written to)/;
  const times: Readonly<Record<string, RegExp>> = {
    'vm-entry': / before VM-entry/,
    'vm-exit': / after VM-exit/,
    'on-demand': / on demand/,
  };
  const others = Object.entries(times).filter(([other]) => other !== phase);
  return directions.test(statement) && !others.some(([, words]) => words.test(statement));
}

/** Whether a lens names a register, by itself or between the ends of a range. */
function isNamed(
  registers: readonly JsonRegister[],
  said: { registers: readonly string[]; isRange: boolean },
  name: string,
): boolean {
  if (!said.isRange) return said.registers.includes(name);
  const rank = (one = '') => registers.findIndex(({ register }) => register === one);
  const [first, last] = said.registers;
  return rank(first) <= rank(name) && rank(name) <= rank(last);
}

/** A move at a time of a run. One by way of a field that is named beside its area is none of a register's place: `-> VMCB control.next_rip`. */
const TIMED_MOVE = /^(?!\S+ \S+ \w+\.\w+ ).*(?:before VM-entry|after VM-exit|on demand)$/;

/** What `map --json` says that functions do, and their lenses do not say, and the other way round. */
export function moveContradictions(model: RegisterModel, { registers }: Documents): string[] {
  const lenses = namedLenses(model, (file) => lensesOf(model, file, { everyFunction: false }));
  const isAssembly = (file: string) => file.endsWith('.S');
  const moves = registers.flatMap(({ register, owners }) =>
    owners.flatMap(({ load, store }) => [
      ...load.map((move) => ({ register, move, isLoad: true })),
      ...store.map((move) => ({ register, move, isLoad: false })),
    ]),
  );
  const byFunction = new Map<string, NamedLens[]>();
  for (const lens of lenses)
    byFunction.set(`${lens.file} ${lens.name}`, [...(byFunction.get(`${lens.file} ${lens.name}`) ?? []), lens]);
  const lensesBy = ({ file, function: name }: JsonMove) => byFunction.get(`${file} ${name}`) ?? [];
  const unsaid = moves.filter(({ register, move, isLoad }) => {
    const titles = lensesBy(move).map(({ title }) => title);
    if (isAssembly(move.file))
      return !titles.some((title) => (isLoad ? /VM-exit stores|<-/ : /VM-entry loads|->/).test(title));
    const said = titles.flatMap(moveStatements);
    return !said.some((one) => isNamed(registers, one, register) && isMoveSaid(one.move, isLoad, move.phase));
  });
  const timed = lenses.flatMap((lens) =>
    moveStatements(lens.title)
      .filter(({ move, isRange }) => !isRange && TIMED_MOVE.test(move))
      .flatMap(({ registers: names, move }) => names.map((name) => ({ lens, name, move })))
      // The map has rows for registers that KVM tracks: not for CR2, CR8, DR6 and DR7.
      .filter(({ name }) => registers.some(({ register }) => register === name)),
  );
  // A function that fetches on demand says what its helpers fetch for it.
  const isDoneBy = (move: JsonMove, { file, name }: NamedLens) => {
    const node = functionNamed(model, name, file);
    const doers = node ? [node, ...directCallees(model, node)] : [];
    return doers.some((doer) => doer.file === move.file && doer.name === move.function);
  };
  const unfounded = timed.filter(({ lens, name, move }) => {
    const isLoad = /^(?:<-|read from|reached)/.test(move);
    return !moves.some(
      (one) =>
        one.register === name &&
        one.isLoad === isLoad &&
        isDoneBy(one.move, lens) &&
        isMoveSaid(move, isLoad, one.move.phase),
    );
  });
  return [
    ...unsaid.map(({ register, move }) => `${move.function}'s lens lacks ${register} ${move.phase} of the map`),
    ...unfounded.map(({ lens, name, move }) => `${lens.name}'s lens says ${name} ${move}, no owner has it`),
  ];
}
