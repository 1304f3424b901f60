import type { Span } from '../../syntax/text/sourceText.js';
import { spanIn, transferSpan } from './spans.js';
import { offsetIn } from '../../model/callGraph.js';
import type { Finding, Rule } from '../finding.js';
import { isInverted, registerSets, setUses, type LocatedSet } from './lazySets.js';
import { type Kept, keptWith, syncOf } from './keptRegisters.js';
import { type TrackedCode, type TrackedFunction, trackedCode, subjectOf } from './trackedCode.js';

const id = 'tracking/never-unavailable';

/** A lazily loaded register whose avail bit stays set after VM-exit. */
export const NEVER_UNAVAILABLE: Rule = {
  id,
  family: 'tracking',
  severity: 'info',
  title: 'A register that is loaded on demand is not made unavailable after VM-exit.',
  why: 'A register is fetched only if its avail bit is clear. If nothing clears the bit after VM-exit, readers get the value of an earlier exit.',
  exemptions: [
    'Bits that are cleared by a mask or by number, in the function that runs the guest or in one that it calls.',
    'A tree in which nothing is seen to clear avail bits after VM-exit: how it does so is not told, so nothing is said.',
    'A set that is cleared the wrong way round: the rule on that says so.',
  ],
  find: (model) => {
    const code = trackedCode(model);
    const clears = clearsAfterExit(code);
    if (clears.length === 0) return [];
    const unused = unusedSets(code);
    const isCleared = ({ member, owner }: Kept) =>
      unused.some((set) => set.members.includes(member)) ||
      clears.some(({ fn, clears: some }) => {
        const backend = code.backends.get(fn.file);
        return (backend === undefined || backend === owner.backend) && some(member);
      });
    const isRun = (backend: string) => code.whole.has(backend);
    const lazy = keptWith(model, (o) => o.sync === 'lazy' && isRun(o.backend));
    return [
      ...unused.map(setFinding),
      ...lazy.filter((kept) => !isCleared(kept)).flatMap((kept) => registerFinding(code, kept, clears)),
    ];
  },
};

/** A place on the way from VM-exit that makes registers unavailable. */
interface Clear {
  readonly fn: TrackedFunction;
  readonly span: Span;
  readonly clears: (member: string) => boolean;
}

function clearsAfterExit(code: TrackedCode): Clear[] {
  const { symbols } = code.model;
  const byMask = setUses(code).map((use): Clear => ({
    fn: use.fn,
    span: use.span,
    clears: (member) =>
      !use.members || isInverted(code, use) || use.members.includes(member) === (use.cleared === 'members'),
  }));
  const byNumber = code.functions.flatMap((fn) =>
    fn.facts.callFacts.flatMap((call): Clear[] => {
      const marker = symbols.indexed.get(call.callee);
      if (marker?.kind !== 'mark-reload') return [];
      const subject = subjectOf(symbols, call.arguments[marker.parameter] ?? '');
      const span = spanIn(fn.node, { start: call.offset, end: call.offset + call.callee.length });
      return [{ fn, span, clears: (member) => member === subject }];
    }),
  );
  return [...byMask, ...byNumber].filter((clear) => isAfterExit(code, clear));
}

function isAfterExit({ model: { phases, graph } }: TrackedCode, { fn, span }: Clear): boolean {
  const isPath = phases.entryPath.has(fn.node) && phases.at(fn.node, offsetIn(fn.node, span.start)) === 'vm-exit';
  const isCalled = graph
    .callers(fn.node)
    .some(({ caller, offset }) => phases.entryPath.has(caller) && phases.at(caller, offset) === 'vm-exit');
  return isPath || isCalled;
}

/** Whether a function is on the way to VM-entry and back, or called by one that is. */
function isRunning({ model: { phases, graph } }: TrackedCode, { node }: TrackedFunction): boolean {
  return phases.entryPath.has(node) || graph.callers(node).some((edge) => phases.entryPath.has(edge.caller));
}

/** Sets that name mostly lazy registers, and that nothing on the way from VM-exit so much as mentions. */
function unusedSets(code: TrackedCode): LocatedSet[] {
  const running = code.functions.filter((fn) => isRunning(code, fn));
  const whole = code.model.backends.map(({ name }) => name).filter((backend) => code.whole.has(backend));
  const isLazy = (member: string) => whole.some((backend) => syncOf(code.model, member, backend) === 'lazy');
  return [...registerSets(code).values()].filter(
    (set) =>
      whole.includes(code.backends.get(set.file) ?? '') &&
      !setUses(code).some(
        ({ fn, members }) => members === null && code.backends.get(fn.file) === code.backends.get(set.file),
      ) &&
      set.members.filter(isLazy).length * 2 > set.members.length &&
      !running.some((fn) => fn.facts.words.has(set.name)),
  );
}

function setFinding(set: LocatedSet): Finding {
  return {
    rule: id,
    file: set.file,
    span: { start: set.offset, end: set.offset + set.name.length },
    message: `${set.name} names registers that are loaded on demand, but nothing makes them unavailable after VM-exit`,
    related: [],
  };
}

function registerFinding(code: TrackedCode, { member, register, owner }: Kept, clears: readonly Clear[]): Finding[] {
  const load = owner.load.find((t) => t.phase === 'on-demand') ?? owner.load[0];
  if (!load) return [];
  const clear = clears.find(({ fn }) => code.backends.get(fn.file) === owner.backend);
  return [
    {
      rule: id,
      file: load.file,
      span: transferSpan(code.model, member, load),
      message: `${register} is loaded on demand, but nothing makes it unavailable after VM-exit (${owner.backend.toUpperCase()})`,
      related: clear
        ? [{ file: clear.fn.file, span: clear.span, message: 'where other registers are made unavailable' }]
        : [],
    },
  ];
}
