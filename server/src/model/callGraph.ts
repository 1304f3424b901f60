import type { Span } from '../syntax/text/sourceText.js';
import type { FileFacts } from '../facts/fileFacts.js';
import type { FunctionFacts } from '../facts/functionFacts.js';
import { OPERATIONS_STRUCT, type OpsTable } from '../facts/symbols/opsTables.js';
import { OPERATION_PREFIX } from '../facts/symbols/vmEntryPathNames.js';
import type { CallFact } from '../facts/source/calls.js';
import type { AsmFunctionFacts } from '../facts/assembly/asmFunction.js';
import type { AsmFileFacts } from '../facts/assembly/asmFile.js';
import type { CallSite } from '../syntax/c/outline.js';
import { memoizeByFingerprint, memoizeByIdentity } from '../cache/memoize.js';
import { groupBy } from './groupBy.js';
import { implementing, operationsOf, type Implementation, type Operations } from './operations.js';
import type { Steps } from './steps.js';

/**
 * A function of the tree: in C, in assembly, or in C with assembly in it. Neither: a VM-entry that the tree calls and does not
 * show; it is where it is called.
 */
export interface GraphNode {
  readonly name: string;
  readonly file: string;
  /** What offsets in it count from: where a C function begins in its file; 0, the file's beginning, for one in assembly. */
  readonly start: number;
  readonly c: FunctionFacts | null;
  readonly asm: AsmFunctionFacts | null;
}

/** Whether a node stands for a VM-entry that the tree does not show. */
export function isOpaqueEntry({ c, asm }: GraphNode): boolean {
  return c === null && asm === null;
}

/** Where in its file a function's name is. */
export function nameSpan({ name, start, c, asm }: GraphNode): Span {
  const offset = c ? start + c.offset : (asm?.offset ?? start);
  return { start: offset, end: offset + name.length };
}

/** Where in its file an offset of a function is. */
export function fileOffset({ start }: GraphNode, offset: number): number {
  return start + offset;
}

/** An offset of a file as one of a function in it. */
export function offsetIn({ start }: GraphNode, inFile: number): number {
  return inFile - start;
}

/** A possible call. */
export interface CallEdge {
  readonly caller: GraphNode;
  readonly callee: GraphNode;
  /** Offset in the caller, counted from its `start`, where the callee, or the operation or table that leads to it, is named. */
  readonly offset: number;
  /** The operation that it goes through (`cache_reg`), or null. */
  readonly operation: string | null;
}

/** What a function's callers give for one of its parameters (0-based), as written. */
export function argumentsGiven({ callers }: Pick<CallGraph, 'callers'>, node: GraphNode, index: number): string[] {
  return callers(node).flatMap(({ caller }) => {
    const calls = caller.c?.callFacts.filter(({ callee }) => callee === node.name) ?? [];
    return calls.flatMap((call) => call.arguments[index] ?? []);
  });
}

/** Who may call whom, through operations and tables of handlers too. */
export interface CallGraph {
  readonly nodes: readonly GraphNode[];
  /** Those of assembly, and those of C that may say something of registers or XSAVE state. */
  readonly tellingNodes: readonly GraphNode[];
  readonly callees: (node: GraphNode) => readonly CallEdge[];
  readonly callers: (node: GraphNode) => readonly CallEdge[];
  /** The function that a name means in a file: its own before another's. */
  readonly find: (name: string, file: string) => GraphNode | null;
  /** The functions that implement an operation in tables, and other objects, of a struct; null for those of any. */
  readonly implementations: (operation: string, struct: string | null) => readonly GraphNode[];
  readonly tables: readonly GraphTable[];
}

/** An ops table with the file that it is in. */
export interface GraphTable extends OpsTable {
  readonly file: string;
}

/** Builds one graph of the functions of all files, in steps. */
type CallGraphBuilder = (
  files: readonly FileFacts[],
  assembly: readonly AsmFileFacts[],
  opaqueEntries: ReadonlySet<string>,
) => Steps<CallGraph, 'model'>;

/** Builds graphs, remembering what each function names as long as the tree's functions, operations and tables are called the same. */
export function callGraphBuilder(): CallGraphBuilder {
  const namedAmong = memoizeByFingerprint((names: ReadonlySet<string>) => [...names].sort(), namesUsedBy);
  return function* (files, assembly, opaqueEntries) {
    const nodes = [...graphNodes(files, assembly), ...opaqueNodes(files, opaqueEntries)];
    const tables = files.flatMap((file) =>
      file.tables.map((table): GraphTable => ({ ...table, file: file.source.path })),
    );
    const find = finder(nodes);
    const operations = operationsOf(files, tables, find);
    const names = new Set([...nodes, ...tables].map(({ name }) => name));
    for (const operation of operations.keys()) names.add(operation).add(`${OPERATION_PREFIX}${operation}`);
    yield 'model';
    const handlers = new Map(tables.filter(({ entries }) => entries.length === 0).map((table) => [table.name, table]));
    return {
      nodes,
      tellingNodes: nodes.filter(({ c }) => c === null || c.isTelling),
      find,
      tables,
      implementations: (operation, struct) => implementing(operations.get(operation) ?? [], struct),
      ...(yield* callsBetween(nodes, { find, operations, handlers, namedIn: namedAmong(names) })),
    };
  };
}

function graphNodes(files: readonly FileFacts[], assembly: readonly AsmFileFacts[]): GraphNode[] {
  const inline = new Map(
    assembly.flatMap((file) =>
      file.functions.filter((fn) => fn.isInline).map((fn) => [`${file.source.path} ${fn.name}`, fn] as const),
    ),
  );
  const inC = files.flatMap(({ source: { path }, functions }) =>
    functions.map(({ start, facts: c }): GraphNode => {
      return { name: c.name, file: path, start, c, asm: inline.get(`${path} ${c.name}`) ?? null };
    }),
  );
  const inAssembly = assembly.flatMap(({ source: { path }, functions }) =>
    functions
      .filter((fn) => !fn.isInline)
      .map((asm): GraphNode => ({ name: asm.name, file: path, start: 0, c: null, asm })),
  );
  return [...inC, ...inAssembly];
}

/** A node for each VM-entry that the tree does not show, at the first call of it. */
function opaqueNodes(files: readonly FileFacts[], names: ReadonlySet<string>): GraphNode[] {
  return [...names].flatMap((name) => {
    for (const { source, functions } of files)
      for (const { start, facts } of functions) {
        const call = facts.calls.find((site) => site.name === name);
        if (call) return [{ name, file: source.path, start: start + call.offset, c: null, asm: null }];
      }
    return [];
  });
}

function finder(nodes: readonly GraphNode[]): CallGraph['find'] {
  const byName = new Map<string, GraphNode[]>();
  for (const node of nodes) {
    const known = byName.get(node.name);
    if (known) known.push(node);
    else byName.set(node.name, [node]);
  }
  return (name, file) => {
    const named = byName.get(name);
    return named?.find((node) => node.file === file) ?? named?.find(isSeenFromOutside) ?? named?.[0] ?? null;
  };
}

/** Whether other files can call a function: a static one of a C file is its own. */
function isSeenFromOutside({ file, c }: GraphNode): boolean {
  const storage = c?.words.get('static');
  return c === null || !file.endsWith('.c') || storage === undefined || storage > c.offset;
}

/** What of a tree's names a C function calls, and what it only mentions: a callback that is handed on, a table of handlers. */
type NamedIn = (fn: FunctionFacts) => NamesUsed;

interface NamesUsed {
  readonly calls: readonly NameUse[];
  readonly mentions: readonly NameUse[];
}

type NameUse = Pick<CallSite, 'name' | 'offset'> & Partial<Pick<CallSite, 'holder'>>;

function namesUsedBy(names: ReadonlySet<string>): NamedIn {
  return memoizeByIdentity(({ calls, callbacks, words, offset: ownName }) => {
    // What is assigned to an operation of some object is called by way of that.
    const assigned = callbacks.flatMap(({ member, value }) => (names.has(member) ? value : []));
    const called = new Set([...calls.map((call) => call.name), ...assigned]);
    const mentions: NameUse[] = [];
    for (const [name, offset] of words) {
      if (offset > ownName && names.has(name) && !called.has(name)) mentions.push({ name, offset });
    }
    return { calls: calls.filter(({ name }) => names.has(name)), mentions };
  });
}

/** What resolves the names that a function calls. */
interface NameResolution {
  readonly find: CallGraph['find'];
  readonly operations: Operations<GraphNode>;
  /** Tables of handlers that are no operations, by name. */
  readonly handlers: ReadonlyMap<string, GraphTable>;
  readonly namedIn: NamedIn;
}

/** Functions whose calls are resolved in one step. */
const FUNCTIONS_OF_A_STEP = 500;

function* callsBetween(
  nodes: readonly GraphNode[],
  names: NameResolution,
): Steps<Pick<CallGraph, 'callees' | 'callers'>, 'model'> {
  const edges = new Map<GraphNode, readonly CallEdge[]>();
  for (let from = 0; from < nodes.length; from += FUNCTIONS_OF_A_STEP) {
    for (const node of nodes.slice(from, from + FUNCTIONS_OF_A_STEP)) edges.set(node, callsFrom(node, names));
    yield 'model';
  }
  const back = groupBy([...edges.values()].flat(), ({ callee }) => callee);
  return { callees: (node) => edges.get(node) ?? [], callers: (node) => back.get(node) ?? [] };
}

function callsFrom(caller: GraphNode, { find, operations, handlers, namedIn }: NameResolution): readonly CallEdge[] {
  const edges: CallEdge[] = [];
  const addEdge = (callee: GraphNode | null, offset: number, operation: string | null) => {
    if (callee && callee !== caller) edges.push({ caller, callee, offset, operation });
  };
  const addNamed = (name: string, offset: number) => {
    addEdge(find(name, caller.file), offset, null);
    for (const mention of handlers.get(name)?.mentions ?? []) addEdge(find(mention, caller.file), offset, name);
  };
  const { calls, mentions }: NamesUsed = caller.c
    ? namedIn(caller.c)
    : { calls: caller.asm?.calls ?? [], mentions: [] };
  for (const { name, offset, holder = null } of calls) {
    const operation = operationName(name);
    const implementations = implementationsFor(operations.get(operation) ?? [], caller, { name, offset, holder });
    if (implementations.length > 0 && !(isPlainCall(caller, name, offset) && find(name, caller.file)))
      for (const callee of implementations) addEdge(callee, offset, operation);
    addNamed(name, offset);
  }
  for (const { name, offset } of mentions) addNamed(name, offset);
  return edges;
}

/** Whether a function's tree shows that a name is called as it stands there, and not by way of an operations table. */
function isPlainCall({ c }: GraphNode, name: string, offset: number): boolean {
  return c?.callFacts.some((call) => call.offset === offset && call.callee === name && !call.isOperation) ?? false;
}

/** The operation that a called name may mean: `cache_reg`, also as the static call `kvm_x86_cache_reg`. */
export function operationName(name: string): string {
  return name.startsWith(OPERATION_PREFIX) ? name.slice(OPERATION_PREFIX.length) : name;
}

/** The functions that a call of an operation may reach: those of tables of the struct that the call names, where it does. */
function implementationsFor(
  all: readonly Implementation<GraphNode>[],
  { c }: GraphNode,
  { name, offset, holder }: Pick<CallSite, 'name' | 'offset' | 'holder'>,
): GraphNode[] {
  if (all.length === 0) return [];
  const call = c?.callFacts.findLast((one) => one.offset <= offset && one.isOperation && one.callee === name);
  return implementing(all, tableOfCall({ callee: name, table: call?.table ?? tableNamed(all, holder) }));
}

/** The struct that a table, or a pointer to one, is called after: `pmu_ops` after struct kvm_pmu_ops; null where it is after none. */
function tableNamed(all: readonly Implementation<GraphNode>[], holder: string | null): string | null {
  const structs = all.flatMap(({ struct }) => struct ?? []);
  return structs.find((struct) => holder !== null && (struct === holder || struct.endsWith(`_${holder}`))) ?? null;
}

/** The struct of the table that an operation is called from; null where the call does not tell. */
export function tableOfCall({ callee, table }: Pick<CallFact, 'callee' | 'table'>): string | null {
  return table ?? (callee.startsWith(OPERATION_PREFIX) ? OPERATIONS_STRUCT : null);
}
