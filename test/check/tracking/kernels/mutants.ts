import { isFetch } from '../../../../server/src/check/tracking/fills.js';
import type { Move } from '../../../../server/src/facts/registers/moves.js';
import type { CallFact } from '../../../../server/src/facts/source/calls.js';
import type { IndexedKind } from '../../../../server/src/facts/symbols/treeSymbols.js';
import { fileOffset } from '../../../../server/src/model/callGraph.js';
import { cacheCallbacks, cFunctions, type CFunction } from '../../../../server/src/model/query/functions.js';
import { referencesIn } from '../../../../server/src/model/query/references.js';
import { memberNamed, memberOfNumber } from '../../../../server/src/model/query/registers.js';
import { registerSets, setUses } from '../../../../server/src/model/query/sets.js';
import { accessorsOf, indexedFunctionNamed } from '../../../../server/src/model/query/cSymbols.js';
import { sourceOf, type FileSpan } from '../../../../server/src/model/query/text.js';
import { moveSpan } from '../../../../server/src/model/query/transfers.js';
import type { RegisterModel } from '../../../../server/src/model/registerModel.js';
import { transferSites } from '../../../kernels/transferSites.js';
import type { Change } from '../../../kernels/treeChanges.js';
import type { Found } from '../checked.js';

/** A mistake that is put into a tree, and how the finding that it should bring is known. */
export interface Mutant {
  readonly what: string;
  readonly change: Change;
  readonly isFound: (found: Found) => boolean;
}

/** How far a finding may be from the change in the same function. Lines. */
const NEAR = 8;

/** A mistake in a piece of a file. */
interface LocalMistake {
  readonly what: string;
  readonly change: Change;
  /** The rules of which one reports it. */
  readonly rules: readonly string[];
  /** How far from the change, if not {@link NEAR}. */
  readonly distance?: number;
}

/** A mistake that is reported near the change. */
function near(model: RegisterModel, { what, change, rules, distance = NEAR }: LocalMistake): Mutant {
  const line = textOf(model, change.path).slice(0, change.start).split('\n').length;
  return {
    what,
    change,
    isFound: (found) =>
      rules.includes(found.rule) && found.file === change.path && Math.abs(found.line - line) <= distance,
  };
}

/** A mistake that is reported of a register, wherever. */
function of(what: string, change: Change, rule: string, register: string): Mutant {
  const isNamed = new RegExp(`\\b${register}\\b`);
  return { what, change, isFound: (found) => found.rule === rule && isNamed.test(found.message) };
}

function textOf(model: RegisterModel, path: string): string {
  return sourceOf(model, path)?.text ?? '';
}

/** A call's text is replaced: where nothing stands in its place, an empty statement is left. */
function callChange(model: RegisterModel, { fn, call }: Pick<CallIn, 'fn' | 'call'>, put: string): Change {
  const text = textOf(model, fn.file);
  const start = fileOffset(fn, call.offset);
  let end = start;
  for (let depth = 0; end < text.length; end++) {
    if (text[end] === '(') depth++;
    else if (text[end] === ')' && --depth === 0 && text[end + 1] !== '(') break;
  }
  return { path: fn.file, start, end: end + 1, put };
}

interface CallIn {
  readonly fn: CFunction;
  readonly call: CallFact;
  readonly what: string;
}

/** The calls of functions that take a register's number and do a thing to its bits. */
function markingCalls(model: RegisterModel, kind: IndexedKind): CallIn[] {
  return cFunctions(model).flatMap((fn) =>
    fn.c.callFacts.flatMap((call) => {
      const callee = indexedFunctionNamed(model, call.callee);
      if (callee?.kind !== kind) return [];
      return [{ fn, call, what: `${fn.name} ${call.arguments[callee.parameter] ?? ''}` }];
    }),
  );
}

/** Every mark-dirty call removed. */
export function unmarked(model: RegisterModel): Mutant[] {
  return markingCalls(model, 'mark-dirty').map(({ fn, call, what }) =>
    near(model, {
      what,
      change: callChange(model, { fn, call }, ''),
      rules: ['not-marked-dirty'],
      distance: 3,
    }),
  );
}

/** Every dirty test made true. */
export function withoutDirtyTest(model: RegisterModel): Mutant[] {
  return markingCalls(model, 'test-dirty').map(({ fn, call, what }) =>
    near(model, { what, change: callChange(model, { fn, call }, 'vcpu'), rules: ['stale-read'] }),
  );
}

/** Every availability test with the answer by which what it decides about is done in any case: what is under it, or behind its exit. */
export function withoutAvailabilityTest(model: RegisterModel): Mutant[] {
  return markingCalls(model, 'test-available').map(({ fn, call, what }) => {
    const register = memberOfNumber(model, call.arguments[1] ?? '');
    const exits = isUnavailableExit(model, callChange(model, { fn, call }, ''));
    const change = callChange(model, { fn, call }, exits ? '1' : '0');
    const rules = exits ? ['stale-read'] : ['unconditional-fetch', 'stale-read'];
    const fetch = near(model, { what, change, rules, ...(exits && { distance: BEHIND_EXIT }) });
    const set = of(what, change, 'never-loaded', register?.register ?? 'none');
    return { ...fetch, isFound: (found) => fetch.isFound(found) || set.isFound(found) };
  });
}

/** Every availability test of the wrong sense. */
export function withWrongSense(model: RegisterModel): Mutant[] {
  return withoutAvailabilityTest(model).flatMap((mutant) => {
    const { path, start } = mutant.change;
    if (textOf(model, path)[start - 1] !== '!') return [];
    const change = { path, start: start - 1, end: start, put: '' };
    const exits = isUnavailableExit(model, mutant.change);
    const mistake = exits ? { rules: ['stale-read'], distance: BEHIND_EXIT } : { rules: ['test-inverted'] };
    return [near(model, { what: mutant.what, change, ...mistake })];
  });
}

/** How far behind an exit the register may be read. Lines. */
const BEHIND_EXIT = 16;

/** Whether a test is of an `if` that leaves where the register is not available, and is read behind it. */
function isUnavailableExit(model: RegisterModel, { path, start, end }: Change): boolean {
  const text = textOf(model, path);
  return text[start - 1] === '!' && /^\)\s*return\b/.test(text.slice(end));
}

/** Every fetch removed. */
export function withoutFetch(model: RegisterModel): Mutant[] {
  return cFunctions(model)
    .filter((fn) => !cacheCallbacks(model).includes(fn))
    .flatMap((fn) =>
      fn.c.callFacts
        .filter((call) => isFetch(model, fn, call))
        .map((call) => {
          const what = `${fn.name} ${call.arguments[1] ?? ''}`;
          return near(model, { what, change: callChange(model, { fn, call }, '(void)vcpu'), rules: ['stale-read'] });
        }),
    );
}

/** Every move of the world switch's assembly removed, by the side that it is on. */
export function unswitched(model: RegisterModel, direction: 'load' | 'store'): Mutant[] {
  return transferSites(model)
    .filter(
      ({ removal, lines }) => removal.path.endsWith('.S') && lines.every((line) => line.includes(` ${direction} `)),
    )
    .map(({ removal, registers: [register = ''] }) => ({
      what: `${register} ${removal.path}`,
      change: removal,
      isFound: ({ rule, file, message }) =>
        rule === 'one-way' && file === removal.path && message.startsWith(`${register} is `),
    }));
}

/** Every copy of a GPR or RIP between a save area and the cache removed from the functions that run a guest. */
export function uncopied(model: RegisterModel, direction: 'load' | 'store'): Mutant[] {
  const running = [...model.phases.entryPath.keys()].map(({ name }) => name);
  return transferSites(model)
    .filter(
      ({ removal, registers, lines }) =>
        removal.path.endsWith('.c') &&
        registers.every((name) => /^R(?!FLAGS)/.test(name)) &&
        lines.every((line) => {
          const [, backend = '', way = '', , fn = ''] = line.split(' ');
          return /^(?:vmx|svm)$/.test(backend) && way === direction && running.includes(fn);
        }),
    )
    .map(({ removal, registers: [register = ''] }) => of(`${register} ${removal.path}`, removal, 'one-way', register));
}

/** A register of the same kind, by a name in any size; null for what has no like. */
function otherName(name: string): string | null {
  const groups = [
    ['rax', 'rbx', 'rcx', 'rdx'],
    ['rsi', 'rdi'],
    ['r8', 'r9'],
    ['r10', 'r11', 'r12', 'r13', 'r14', 'r15'],
  ];
  const group = groups.find((names) => names.includes(name));
  return group ? (group[(group.indexOf(name) + 1) % group.length] ?? null) : null;
}

/** Every copy between two places that name the same GPR, with another one on the cache's side. */
export function swapped(model: RegisterModel): Mutant[] {
  const found = new Map<string, Mutant>();
  for (const fn of cFunctions(model)) {
    for (const move of fn.c.moves) {
      const copy = namesake(model, move);
      if (!copy) continue;
      const span = moveSpan(model, copy.member, fn, move);
      const token = textIn(model, span);
      const put = swappedName(token, copy.register);
      if (put === null) continue;
      const { file: path, start, end } = span;
      const change: Change = { path, start, end, put };
      const what = `${fn.name} ${token} -> ${put}`;
      found.set(`${path} ${String(start)}`, near(model, { what, change, rules: ['wrong-register'], distance: 0 }));
    }
  }
  return [...found.values()];
}

/** The register that both sides of a move name, the cache's and another; null where they do not, or may well differ. */
function namesake(model: RegisterModel, { from, to }: Move): { member: string; register: string } | null {
  const member = from?.register ?? to?.register ?? null;
  const outside = from?.register === null ? from : to;
  if (member === null || !outside || outside.kind === 'tdx' || outside.kind === 'smram') return null;
  const register = memberNamed(model, member)?.register.toLowerCase();
  return register !== undefined && outside.name.toLowerCase().endsWith(register) ? { member, register } : null;
}

function textIn(model: RegisterModel, { file, start, end }: FileSpan): string {
  return textOf(model, file).slice(start, end);
}

/** `kvm_rcx_read` of `kvm_rbx_read`, `VCPU_REGS_RCX` of `VCPU_REGS_RBX`, `kvm_ecx_read` of `kvm_ebx_read`. */
function swappedName(token: string, register: string): string | null {
  const other = otherName(register);
  if (other === null) return null;
  const low = (name: string) => name.replace(/^r(?=[a-z])/, 'e');
  const pairs: [string, string][] = [
    [register.toUpperCase(), other.toUpperCase()],
    [register, other],
    [low(register), low(other)],
  ];
  const pair = pairs.find(([name]) => new RegExp(`${name}(?!\\d)`).test(token));
  return pair ? token.replace(pair[0], pair[1]) : null;
}

/** Every slot that assembly names (`VCPU_RCX`), with another one in its place. */
export function swappedSlots(model: RegisterModel): Mutant[] {
  return model.slots.flatMap(({ file, name, isGuest }) => {
    const token = textOf(model, file).slice(name.start, name.end);
    const register = /^VCPU_(R\w+)$/.exec(token)?.[1]?.toLowerCase();
    const other = register === undefined ? null : otherName(register);
    // SVM's assembly has no slot of RAX.
    if (!isGuest || other === null || !textOf(model, file).includes(`VCPU_${other.toUpperCase()}`)) return [];
    const change = { path: file, start: name.start, end: name.end, put: `VCPU_${other.toUpperCase()}` };
    return [near(model, { what: token, change, rules: ['wrong-register'], distance: 0 })];
  });
}

/** Every use of a macro that makes accessors, given another register. */
export function misnamed(model: RegisterModel): Mutant[] {
  const uses = new Map(
    accessorsOf(model).flatMap(({ instantiation }) =>
      instantiation ? [[`${instantiation.file} ${String(instantiation.start)}`, instantiation] as const] : [],
    ),
  );
  return [...uses.values()].flatMap(({ file, start, end }) => {
    const text = textOf(model, file);
    const [whole, name = ''] = /,\s*(R\w+)\)/.exec(text.slice(start, end)) ?? [];
    const other = otherName(name.toLowerCase());
    if (whole === undefined || other === null) return [];
    const at = text.indexOf(whole, start) + whole.indexOf(name);
    const change = { path: file, start: at, end: at + name.length, put: other.toUpperCase() };
    return [near(model, { what: text.slice(start, end), change, rules: ['wrong-register'], distance: 0 })];
  });
}

/** Every `case` of a callback removed. */
export function withoutCase(model: RegisterModel): Mutant[] {
  return cFunctions(model).flatMap((fn) => {
    if (!cacheCallbacks(model).includes(fn)) return [];
    const { file } = fn;
    const cases = referencesIn(model, file).filter((r) => r.kind === 'case' && r.function === fn.name);
    return cases.map(({ start, end, register }) => {
      const text = textOf(model, file);
      const change = { path: file, start: text.lastIndexOf('case', start), end: end + 1, put: '' };
      const name = memberNamed(model, register)?.register ?? '';
      return of(`${fn.name} ${name}`, change, 'never-loaded', name);
    });
  });
}

/** Every member of every set removed from it, and of every mask that is written out. */
export function withoutMember(model: RegisterModel): Mutant[] {
  const sets = registerSets(model).map(({ name, file, offset, members }) => ({ name, file, offset, members }));
  const masks = setUses(model).flatMap(({ fn, span: { file, start }, set, members }) =>
    set || !members ? [] : [{ name: fn.name, file, offset: start, members }],
  );
  return [...sets, ...masks].flatMap((set) =>
    set.members.map((member) => {
      const path = set.file;
      const text = textOf(model, path);
      const at = referencesIn(model, path).find(
        (r) => r.start > set.offset && r.register === member && r.kind === 'mask',
      );
      const start = Math.max(text.lastIndexOf('BIT(', at?.start), text.lastIndexOf('(1 <<', at?.start));
      const change = { path, start, end: (at?.end ?? 0) + 1, put: '0' };
      const register = memberNamed(model, member)?.register ?? '';
      const what = `${set.name} ${register}`;
      const [lazy, stays] = ['never-unavailable', 'never-loaded'].map((rule) => of(what, change, rule, register));
      return { what, change, isFound: (found: Found) => [lazy, stays].some((mutant) => mutant?.isFound(found)) };
    }),
  );
}

/** Every set complemented where it is cleared. */
export function invertedSets(model: RegisterModel): Mutant[] {
  return setUses(model).map(({ fn, span: { start, end }, set }) => {
    const text = textOf(model, fn.file);
    const isComplemented = text[start - 1] === '~';
    const name = text.slice(start, end);
    const change = isComplemented
      ? { path: fn.file, start: start - 1, end, put: name }
      : { path: fn.file, start, end, put: `~${name}` };
    const what = `${fn.name} ${set?.name ?? ''}`;
    return near(model, { what, change, rules: ['set-inverted'], distance: 0 });
  });
}

/** Every statement removed that clears a set, or what a mask that is written out has. */
export function unclearedSets(model: RegisterModel): Mutant[] {
  return setUses(model).map(({ fn, span, set, members }) => {
    const text = textOf(model, fn.file);
    const behind = Math.max(...[';', '{', '}'].map((mark) => text.lastIndexOf(mark, span.start))) + 1;
    const registers = (members ?? []).map((member) => memberNamed(model, member)?.register ?? '');
    // An `#endif` before the statement stays.
    const directives = /^(?:[^]*\n)?#.*\n/.exec(text.slice(behind, span.start))?.[0].length ?? 0;
    const change = { path: fn.file, start: behind + directives, end: text.indexOf(';', span.start) + 1, put: '' };
    return {
      what: `${fn.name} ${set?.name ?? ''}`,
      change,
      isFound: ({ rule, text: name, message }) =>
        rule === 'never-unavailable' &&
        (set ? name === set.name : registers.some((register) => message.startsWith(`${register} is `))),
    };
  });
}

/** One copy removed from each function that copies all GPRs: the `nth`. */
export function leftOut(model: RegisterModel, nth: number): Mutant[] {
  return cFunctions(model).flatMap((fn) => {
    const { file, name, c } = fn;
    const copies = c.moves.filter(({ from, to }) => {
      const cache = from?.kind === 'cache' ? from : to?.kind === 'cache' ? to : null;
      const isGpr = memberNamed(model, cache?.register ?? null)?.class === 'gpr';
      return isGpr && from?.kind !== to?.kind && from !== null && to !== null;
    });
    const copy = copies[nth];
    if (copies.length < 16 || !copy) return [];
    const start = fileOffset(fn, copy.offset);
    const change = { path: file, start, end: textOf(model, file).indexOf(';', start), put: '' };
    const isFound = ({ rule, text }: Found) => rule === 'left-out' && text === name;
    return [{ what: `${name} ${String(nth)}`, change, isFound }];
  });
}
