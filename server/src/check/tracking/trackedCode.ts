import type { FunctionFacts } from '../../facts/functionFacts.js';
import { spanIn } from './spans.js';
import type { CallFact } from '../../facts/source/calls.js';
import type { Reference } from '../../facts/registers/reference.js';
import { bareName, memberNamed } from '../../facts/registers/registerFile.js';
import type { TreeSymbols } from '../../facts/symbols/treeSymbols.js';
import { operationName, type GraphNode } from '../../model/callGraph.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { backendsOfFiles, wholeBackends } from './codeBackends.js';
import { memoizeByIdentity } from '../../cache/memoize.js';

/** A tree's functions as the rules look at them. */
export interface TrackedCode {
  readonly model: RegisterModel;
  readonly functions: readonly TrackedFunction[];
  readonly of: (node: GraphNode) => TrackedFunction | undefined;
  /** The backend that each file's code is of, by the hardware's interface that it works on most; none for common code. */
  readonly backends: ReadonlyMap<string, string>;
  /** The backends that the tree shows enough of to say that something of theirs is nowhere. */
  readonly whole: ReadonlySet<string>;
}

/** A C function with what it does to the register cache itself. Offsets in it count from its start. */
export interface TrackedFunction {
  readonly node: GraphNode;
  readonly file: string;
  readonly facts: FunctionFacts;
  readonly uses: readonly CacheUse[];
}

/** A use of a register's slot or field: `vcpu->arch.regs[VCPU_REGS_RSP]`, `vcpu->arch.cr3`, `vcpu->arch.regs[reg]`. */
export interface CacheUse {
  readonly reference: Reference;
  /** The register's member, aliases resolved; of a number that only run time knows, what is written for it. */
  readonly subject: string;
  readonly isRuntime: boolean;
}

/** A model's functions, made once. */
export const trackedCode = memoizeByIdentity((model: RegisterModel): TrackedCode => {
  const byNode = new Map<GraphNode, TrackedFunction>();
  for (const node of model.graph.nodes) {
    const { c: facts, file } = node;
    if (facts) byNode.set(node, { node, file, facts, uses: cacheUses(model, node, facts) });
  }
  return {
    model,
    functions: [...byNode.values()],
    of: (node) => byNode.get(node),
    backends: backendsOfFiles(model),
    whole: wholeBackends(model),
  };
});

function cacheUses({ files, symbols }: RegisterModel, node: GraphNode, { references }: FunctionFacts): CacheUse[] {
  const text = files.get(node.file)?.source.text ?? '';
  const own = references.filter(isCacheUse).sort((a, b) => a.start - b.start);
  return own.map((reference) => {
    const { start, end } = spanIn(node, reference);
    const written = reference.register ?? text.slice(start, end);
    return { reference, subject: subjectOf(symbols, written), isRuntime: reference.register === null };
  });
}

function isCacheUse({ storage, callee, kind }: Reference): boolean {
  return storage === 'cache' && callee === undefined && /^(?:read|write|readwrite)$/.test(kind);
}

/** What a register's number is, as written: the member that it names, aliases resolved, else the text without casts. */
export function subjectOf(symbols: TreeSymbols, written: string): string {
  const member = memberNamed(symbols.registers, written);
  return member ? (member.aliasOf ?? member.name) : bareName(written);
}

/** The functions that a call may reach: the one of its name, or an operation's implementations. */
export function calledNodes(
  { model: { graph } }: TrackedCode,
  fn: TrackedFunction,
  call: CallFact,
): readonly GraphNode[] {
  if (call.isOperation) return graph.implementations(operationName(call.callee));
  const node = graph.find(call.callee, fn.file);
  return node && node !== fn.node ? [node] : [];
}

/** Whether a backend has a function of its own that fetches registers on demand. */
export function hasCallback({ model, backends }: TrackedCode, backend: string): boolean {
  return model.phases.cacheCallbacks.some(({ file }) => backends.get(file) === backend);
}

/** Whether a function works on L1's control structures for L2 itself. */
export function isNestedCode({ model: { phases } }: TrackedCode, { node, facts }: TrackedFunction): boolean {
  return phases.hasOwnContext(node) && phases.at(node, facts.offset) === 'nested';
}
