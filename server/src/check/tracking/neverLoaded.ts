import { isSaveArea } from './codeBackends.js';
import type { Transfer } from '../../backends/transfer.js';
import type { Guard } from '../../syntax/conditions/guard.js';
import type { Reference } from '../../facts/registers/reference.js';
import type { TreeSymbols } from '../../facts/symbols/treeSymbols.js';
import type { GraphNode } from '../../model/callGraph.js';
import type { Span } from '../../syntax/text/sourceText.js';
import type { Finding, Rule } from '../finding.js';
import { askingFunctions } from './bitmapChecks.js';
import { isInverted, setUses, type SetUse } from './lazySets.js';
import { isInArray } from './keptRegisters.js';
import { type TrackedCode, type TrackedFunction, trackedCode, subjectOf, hasCallback } from './trackedCode.js';

const id = 'tracking/never-loaded';

/** A register that is made unavailable and never becomes available again. */
export const NEVER_LOADED: Rule = {
  id,
  family: 'tracking',
  severity: 'info',
  title: 'A register in a lazy set is loaded by nothing, or no code asks whether it is available.',
  why: "Clearing a register's avail bit after VM-exit says that its value is to be fetched when it is needed. Without a case in the cache callback, or code of its own that fetches it, readers get the value of an earlier exit.",
  exemptions: [
    'Registers that load themselves, outside of the cache callback: code that tests the avail bit, marks the register and reads hardware (RFLAGS, SEGMENTS, exit information).',
    'A backend of which the tree shows no callback, or no code that runs a guest: what is missing may be elsewhere.',
    'A register for which the callback calls a function that the tree does not show.',
    'Sets that name what stays available: the others are never fetched by design (TDX).',
  ],
  find: (model) => {
    const code = trackedCode(model);
    const seen = new Set<string>();
    return setUses(code).flatMap((use) => {
      const backend = code.backends.get(use.fn.file) ?? '';
      if (!code.whole.has(backend) || isInverted(code, use)) return [];
      const wrong = use.cleared === 'members' ? clearedWrong(code, use, backend) : leftOut(code, use, backend);
      return wrong.filter((found) => {
        const key = `${found.file} ${String(found.span.start)} ${found.message}`;
        return !seen.has(key) && seen.add(key);
      });
    });
  },
};

/** Registers that a set clears and that nothing brings back. */
function clearedWrong(code: TrackedCode, use: SetUse, backend: string): Finding[] {
  if (!hasCallback(code, backend)) return [];
  return (use.members ?? []).flatMap((member) => {
    const what = missing(code, member, backend);
    return what === null
      ? []
      : [finding(code, use, member, `in ${nameOf(use)}, ${what}`, memberSpan(code, use, member))];
  });
}

/** Registers that a set does not keep although the backend copies them at VM-exit. */
function leftOut(code: TrackedCode, use: SetUse, backend: string): Finding[] {
  return code.model.registers.flatMap(({ member, owners }) => {
    const owner = owners.find((o) => o.backend === backend);
    if (!member || !owner || !use.members || use.members.includes(member.name)) return [];
    const isCopied = owner.load.some((t) => t.phase === 'vm-exit') && owner.load.every((t) => t.phase !== 'on-demand');
    return isCopied
      ? [
          finding(
            code,
            use,
            member.name,
            `not in ${nameOf(use)}, although it is copied to the cache at VM-exit`,
            nameSpan(use),
          ),
        ]
      : [];
  });
}

function nameOf({ set }: SetUse): string {
  return set?.name ?? 'the mask';
}

/** What a lazy register of a backend is without, or null. */
function missing(code: TrackedCode, member: string, backend: string): string | null {
  if (askersOf(code, member).length === 0) return 'but no code tests whether it is available';
  return isLoaded(code, member, backend) || isLoadedElsewhere(code, member, backend)
    ? null
    : 'but nothing loads it on demand: the cache keeps the value of an earlier exit';
}

function isLoaded(code: TrackedCode, member: string, backend: string): boolean {
  const owners = code.model.registers.find((r) => r.member?.name === member)?.owners ?? [];
  const loads = owners.filter((owner) => owner.backend === backend).flatMap((owner) => owner.load);
  return (
    loads.some((load) => load.phase === 'on-demand' && isInOwnCase(code, load, member)) || isSelfLoaded(code, member)
  );
}

/** Whether a callback calls, for the register, a function that the tree does not show: `load_pdptrs()` without x86.c. */
function isLoadedElsewhere({ model, backends }: TrackedCode, member: string, backend: string): boolean {
  const { phases, graph, symbols } = model;
  return phases.cacheCallbacks
    .filter(({ file }) => backends.get(file) === backend)
    .flatMap((node) => (node.c?.callFacts ?? []).map((call) => ({ call, file: node.file })))
    .some(
      ({ call, file }) =>
        /[a-z]/.test(call.callee) &&
        !symbols.macros.has(call.callee) &&
        !graph.find(call.callee, file) &&
        casesOf(symbols, call.guards).includes(member),
    );
}

/** Whether a load is where its function decides for the register: not behind the label of another one, nor before any. */
function isInOwnCase(code: TrackedCode, load: Transfer, member: string): boolean {
  const { symbols, graph } = code.model;
  const cases = casesOf(symbols, load.guards);
  if (cases.length > 0) return cases.includes(member);
  const node = graph.find(load.function, load.file);
  return !node || !isSwitching(code, node);
}

/** The registers whose `case` labels guards are. */
function casesOf(symbols: TreeSymbols, guards: readonly Guard[]): string[] {
  return guards
    .flatMap((guard) => (guard.kind === 'case' ? guard.labels : []))
    .map((label) => subjectOf(symbols, label ?? ''))
    .filter((subject) => symbols.registers.byName.has(subject));
}

/** Whether a load is in a callback, or called by one, that chooses by the number that it is given. */
function isSwitching({ model, of }: TrackedCode, node: GraphNode): boolean {
  const { phases, graph, files } = model;
  const callers = graph.callers(node).map((edge) => edge.caller);
  const callbacks = [node, ...callers].filter((n) => phases.cacheCallbacks.includes(n));
  return callbacks.some((callback) => {
    const facts = of(callback)?.facts;
    const { start } = callback;
    const text = facts ? files.get(callback.file)?.source.text.slice(start, start + facts.length) : undefined;
    return facts?.parameters.some(({ name }) => text?.includes(`switch (${name})`)) ?? false;
  });
}

/** Whether some code tests a register's avail bit, marks it and reads hardware. */
export function isSelfLoaded(code: TrackedCode, member: string): boolean {
  const isMark = (fn: TrackedFunction) => (r: Reference) =>
    r.register === member && r.function === fn.node.name && r.kind === 'mark-available';
  return askersOf(code, member).some(
    (fn) =>
      fn.facts.moves.some(({ from }) => isSaveArea(code.model, from?.kind)) &&
      code.model.files.get(fn.file)?.references.some(isMark(fn)),
  );
}

/** The functions that ask for a register's avail bit, by its name or by a number that may be its own. */
function askersOf(code: TrackedCode, member: string): TrackedFunction[] {
  const { indexed, registers } = code.model.symbols;
  const isMeant = (subject: string) =>
    registers.byName.has(subject) ? subject === member : isInArray(code.model, member);
  return [...askingFunctions(code)].flatMap(([fn, subjects]) =>
    // The function that the question is asked by does not ask it itself.
    indexed.get(fn.node.name)?.kind !== 'test-available' && subjects.some(isMeant) ? [fn] : [],
  );
}

function finding(code: TrackedCode, use: SetUse, member: string, what: string, at: Span): Finding {
  const register = code.model.symbols.registers.byName.get(member)?.register ?? member;
  const { set, fn, span } = use;
  return {
    rule: id,
    file: set?.file ?? fn.file,
    span: at,
    message: `${register} is ${what}`,
    related: [{ file: fn.file, span, message: `where ${fn.node.name} clears avail bits` }],
  };
}

/** Where a set, or a mask that is written out, names a member; else the set's own name. */
function memberSpan({ model }: TrackedCode, use: SetUse, member: string): Span {
  const { set, fn, span } = use;
  const start = set?.offset ?? span.start;
  const named = model.files
    .get(set?.file ?? fn.file)
    ?.references.find((r) => r.start >= start && r.register === member && r.kind === 'mask');
  if (named) return { start: named.start, end: named.end };
  return nameSpan(use);
}

function nameSpan({ set, span }: SetUse): Span {
  return set ? { start: set.offset, end: set.offset + set.name.length } : span;
}
