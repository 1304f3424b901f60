import { subjectOf, trackedCode, type TrackedFunction } from '../../../../server/src/check/tracking/trackedCode.js';
import { moveSpan } from '../../../../server/src/check/tracking/spans.js';
import { isFetch } from '../../../../server/src/check/tracking/fills.js';
import { setUses } from '../../../../server/src/check/tracking/lazySets.js';
import { fileOffset } from '../../../../server/src/model/callGraph.js';
import type { CallFact } from '../../../../server/src/facts/source/calls.js';
import type { IndexedKind } from '../../../../server/src/facts/symbols/treeSymbols.js';
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

/** A mistake in a piece of a file that is reported near it, by one of some rules. */
function near(model: RegisterModel, what: string, change: Change, rules: readonly string[], distance = NEAR): Mutant {
  const text = model.files.get(change.path)?.source.text ?? '';
  const line = text.slice(0, change.start).split('\n').length;
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
  return model.files.get(path)?.source.text ?? '';
}

/** A call's text is replaced; `isStatement`: with its semicolon. */
function callChange(
  model: RegisterModel,
  { fn, call }: Pick<CallIn, 'fn' | 'call'>,
  put: string,
  isStatement = false,
): Change {
  const text = textOf(model, fn.file);
  const start = fileOffset(fn.node, call.offset);
  let end = start;
  for (let depth = 0; end < text.length; end++) {
    if (text[end] === '(') depth++;
    else if (text[end] === ')' && --depth === 0 && text[end + 1] !== '(') break;
  }
  return { path: fn.file, start, end: end + (isStatement ? 2 : 1), put };
}

interface CallIn {
  readonly fn: TrackedFunction;
  readonly call: CallFact;
  readonly what: string;
}

/** The calls of functions that take a register's number and do a thing to its bits. */
function markingCalls(model: RegisterModel, kind: IndexedKind): CallIn[] {
  return trackedCode(model).functions.flatMap((fn) =>
    fn.facts.callFacts.flatMap((call) => {
      const callee = model.symbols.indexed.get(call.callee);
      if (callee?.kind !== kind) return [];
      return [{ fn, call, what: `${fn.node.name} ${call.arguments[callee.parameter] ?? ''}` }];
    }),
  );
}

/** Every mark-dirty call removed. */
export function unmarked(model: RegisterModel): Mutant[] {
  return markingCalls(model, 'mark-dirty').map(({ fn, call, what }) =>
    near(model, what, callChange(model, { fn, call }, '', true), ['not-marked-dirty'], 3),
  );
}

/** Every dirty test made true. */
export function withoutDirtyTest(model: RegisterModel): Mutant[] {
  return markingCalls(model, 'test-dirty').map(({ fn, call, what }) =>
    near(model, what, callChange(model, { fn, call }, 'vcpu'), ['stale-read']),
  );
}

/** Every availability test made false: what is under it is done in any case. */
export function withoutAvailabilityTest(model: RegisterModel): Mutant[] {
  return markingCalls(model, 'test-available').map(({ fn, call, what }) => {
    const register = model.symbols.registers.byName.get(subjectOf(model.symbols, call.arguments[1] ?? ''));
    const change = callChange(model, { fn, call }, '0');
    const fetch = near(model, what, change, ['unconditional-fetch', 'stale-read']);
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
    return [near(model, mutant.what, change, ['test-inverted'])];
  });
}

/** Every fetch removed. */
export function withoutFetch(model: RegisterModel): Mutant[] {
  const code = trackedCode(model);
  return code.functions
    .filter((fn) => !model.phases.cacheCallbacks.includes(fn.node))
    .flatMap((fn) =>
      fn.facts.callFacts
        .filter((call) => isFetch(code, fn, call))
        .map((call) => {
          const what = `${fn.node.name} ${call.arguments[1] ?? ''}`;
          return near(model, what, callChange(model, { fn, call }, '(void)vcpu'), ['stale-read']);
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
  for (const { node, file, facts } of trackedCode(model).functions) {
    for (const move of facts.moves) {
      const { from, to } = move;
      const member = from?.register ?? to?.register ?? null;
      const outside = from?.register === null ? from : to;
      const register = member === null ? undefined : model.symbols.registers.byName.get(member)?.register.toLowerCase();
      if (member === null || register === undefined || !outside?.name.toLowerCase().endsWith(register)) continue;
      if (outside.kind === 'tdx' || outside.kind === 'smram') continue;
      const span = moveSpan(model, member, node, move);
      const token = textOf(model, file).slice(span.start, span.end);
      const put = swappedName(token, register);
      if (put === null) continue;
      const change: Change = { path: file, start: span.start, end: span.end, put };
      found.set(
        `${file} ${String(span.start)}`,
        near(model, `${node.name} ${token} -> ${put}`, change, ['wrong-register'], 0),
      );
    }
  }
  return [...found.values()];
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
    return [near(model, token, change, ['wrong-register'], 0)];
  });
}

/** Every use of a macro that makes accessors, given another register. */
export function misnamed(model: RegisterModel): Mutant[] {
  const uses = new Map(
    [...model.symbols.accessors.values()].flatMap(({ instantiation }) =>
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
    return [near(model, text.slice(start, end), change, ['wrong-register'], 0)];
  });
}

/** Every `case` of a callback removed. */
export function withoutCase(model: RegisterModel): Mutant[] {
  return trackedCode(model).functions.flatMap(({ node, file }) => {
    if (!model.phases.cacheCallbacks.includes(node)) return [];
    const cases = model.files.get(file)?.references.filter((r) => r.kind === 'case' && r.function === node.name) ?? [];
    return cases.map(({ start, end, register }) => {
      const text = textOf(model, file);
      const change = { path: file, start: text.lastIndexOf('case', start), end: end + 1, put: '' };
      const name = model.symbols.registers.byName.get(register ?? '')?.register ?? '';
      return of(`${node.name} ${name}`, change, 'never-loaded', name);
    });
  });
}

/** Every member of every set removed from it. */
export function withoutMember(model: RegisterModel): Mutant[] {
  return [...model.files].flatMap(([path, { facts, references }]) =>
    (facts?.sets ?? []).flatMap((set) =>
      set.members.map((member) => {
        const text = textOf(model, path);
        const at = references.find((r) => r.start > set.offset && r.register === member && r.kind === 'mask');
        const start = Math.max(text.lastIndexOf('BIT(', at?.start), text.lastIndexOf('(1 <<', at?.start));
        const change = { path, start, end: (at?.end ?? 0) + 1, put: '0' };
        const register = model.symbols.registers.byName.get(member)?.register ?? '';
        const what = `${set.name} ${register}`;
        const [lazy, stays] = ['never-unavailable', 'never-loaded'].map((rule) => of(what, change, rule, register));
        return { what, change, isFound: (found: Found) => [lazy, stays].some((mutant) => mutant?.isFound(found)) };
      }),
    ),
  );
}

/** Every set complemented where it is cleared. */
export function invertedSets(model: RegisterModel): Mutant[] {
  return setUses(trackedCode(model)).map(({ fn, span: { start, end }, set }) => {
    const text = textOf(model, fn.file);
    const isComplemented = text[start - 1] === '~';
    const name = text.slice(start, end);
    const change = isComplemented
      ? { path: fn.file, start: start - 1, end, put: name }
      : { path: fn.file, start, end, put: `~${name}` };
    return near(model, `${fn.node.name} ${set?.name ?? ''}`, change, ['set-inverted'], 0);
  });
}

/** Every statement removed that clears a set. */
export function unclearedSets(model: RegisterModel): Mutant[] {
  return setUses(trackedCode(model)).map(({ fn, span, set }) => {
    const text = textOf(model, fn.file);
    const start = text.lastIndexOf(';', span.start) + 1;
    const change = { path: fn.file, start, end: text.indexOf(';', span.start) + 1, put: '' };
    return {
      what: `${fn.node.name} ${set?.name ?? ''}`,
      change,
      isFound: ({ rule, text: name }) => rule === 'never-unavailable' && name === set?.name,
    };
  });
}

/** One copy removed from each function that copies all GPRs: the `nth`. */
export function leftOut(model: RegisterModel, nth: number): Mutant[] {
  return trackedCode(model).functions.flatMap(({ file, node, facts }) => {
    const copies = facts.moves.filter(({ from, to }) => {
      const cache = from?.kind === 'cache' ? from : to?.kind === 'cache' ? to : null;
      const isGpr = model.symbols.registers.byName.get(cache?.register ?? '')?.class === 'gpr';
      return isGpr && from?.kind !== to?.kind && from !== null && to !== null;
    });
    const copy = copies[nth];
    if (copies.length < 16 || !copy) return [];
    const start = fileOffset(node, copy.offset);
    const change = { path: file, start, end: textOf(model, file).indexOf(';', start), put: '' };
    const isFound = ({ rule, text: name }: Found) => rule === 'left-out' && name === facts.name;
    return [{ what: `${facts.name} ${String(nth)}`, change, isFound }];
  });
}
