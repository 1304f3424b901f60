import type { FileFacts, FunctionFacts } from '../facts/fileFacts.js';
import type { OpsTable } from '../facts/opsTables.js';
import { OPERATION_PREFIX } from '../facts/vmEntryPath.js';
import type { AsmFileFacts, AsmFunctionFacts } from '../facts/worldSwitch.js';

/** A function of the tree: in C, in assembly, or in C with assembly in it. */
export interface GraphNode {
  readonly name: string;
  readonly file: string;
  readonly c: FunctionFacts | null;
  readonly asm: AsmFunctionFacts | null;
}

/** A possible call. */
export interface CallEdge {
  readonly caller: GraphNode;
  readonly callee: GraphNode;
  /** Offset in the caller where the callee, or the operation or table that leads to it, is named. */
  readonly offset: number;
  /** The operation that it goes through (`cache_reg`), or null. */
  readonly operation: string | null;
}

/** Who may call whom, with operations and tables of handlers joined. */
export interface CallGraph {
  readonly nodes: readonly GraphNode[];
  readonly callees: (node: GraphNode) => readonly CallEdge[];
  readonly callers: (node: GraphNode) => readonly CallEdge[];
  /** The function that a name means in a file: its own before another's. */
  readonly find: (name: string, file: string) => GraphNode | null;
  /** The functions that implement an operation. */
  readonly implementations: (operation: string) => readonly GraphNode[];
  readonly tables: readonly GraphTable[];
}

/** An ops table with the file that it is in. */
export interface GraphTable extends OpsTable {
  readonly file: string;
}

/** Joins the functions of all files into one graph. */
export function callGraph(files: readonly FileFacts[], assembly: readonly AsmFileFacts[]): CallGraph {
  const byName = new Map<string, GraphNode[]>();
  const nodes: GraphNode[] = [];
  const add = (node: GraphNode) => {
    nodes.push(node);
    const known = byName.get(node.name);
    if (known) known.push(node);
    else byName.set(node.name, [node]);
  };
  const inline = new Map(
    assembly.flatMap((file) =>
      file.functions.filter((fn) => fn.isInline).map((fn) => [`${file.source.path} ${fn.name}`, fn] as const),
    ),
  );
  for (const file of files) {
    for (const c of file.functions) {
      add({ name: c.name, file: file.source.path, c, asm: inline.get(`${file.source.path} ${c.name}`) ?? null });
    }
  }
  for (const file of assembly) {
    for (const asm of file.functions) if (!asm.isInline) add({ name: asm.name, file: file.source.path, c: null, asm });
  }
  const find = (name: string, file: string): GraphNode | null => {
    const named = byName.get(name);
    return named?.find((node) => node.file === file) ?? named?.[0] ?? null;
  };
  const tables = files.flatMap((file) =>
    file.tables.map((table): GraphTable => ({ ...table, file: file.source.path })),
  );
  return { nodes, find, tables, ...joinedEdges(nodes, tables, find) };
}

type Edges = Pick<CallGraph, 'callees' | 'callers' | 'implementations'>;

function joinedEdges(nodes: readonly GraphNode[], tables: readonly GraphTable[], find: CallGraph['find']): Edges {
  const operations = operationsOf(tables, find);
  const handlers = new Map(tables.filter((table) => table.entries.length === 0).map((table) => [table.name, table]));
  const out = new Map<GraphNode, CallEdge[]>();
  const back = new Map<GraphNode, CallEdge[]>();
  const join = (edge: CallEdge) => {
    out.get(edge.caller)?.push(edge);
    const known = back.get(edge.callee);
    if (known) known.push(edge);
    else back.set(edge.callee, [edge]);
  };
  for (const caller of nodes) {
    out.set(caller, []);
    const joinNamed = (name: string, offset: number) => {
      const callee = find(name, caller.file);
      if (callee && callee !== caller) join({ caller, callee, offset, operation: null });
      for (const mention of handlers.get(name)?.mentions ?? []) {
        const handler = find(mention, caller.file);
        if (handler && handler !== caller) join({ caller, callee: handler, offset, operation: name });
      }
    };
    const calls = caller.c?.calls ?? caller.asm?.calls ?? [];
    for (const { name, offset } of calls) {
      const operation = operationName(name);
      if (!isPlainCall(caller, name, offset) || !find(name, caller.file))
        for (const callee of operations.get(operation) ?? [])
          if (callee !== caller) join({ caller, callee, offset, operation });
      joinNamed(name, offset);
    }
    // Mentions: a function handed on as a callback, a table of handlers.
    const called = new Set(calls.map((call) => call.name));
    for (const [name, offset] of caller.c?.words ?? []) {
      if (offset > (caller.c?.offset ?? 0) && !called.has(name)) joinNamed(name, offset);
    }
  }
  return {
    callees: (node) => out.get(node) ?? [],
    callers: (node) => back.get(node) ?? [],
    implementations: (operation) => operations.get(operation) ?? [],
  };
}

/** Whether a function's tree shows that a name is called as it stands there, and not by way of an operations table. */
function isPlainCall({ c }: GraphNode, name: string, offset: number): boolean {
  return c?.callFacts.some((call) => call.offset === offset && call.callee === name && !call.isOperation) ?? false;
}

/** The operation that a called name may mean: `cache_reg`, also as the static call `kvm_x86_cache_reg`. */
export function operationName(name: string): string {
  return name.startsWith(OPERATION_PREFIX) ? name.slice(OPERATION_PREFIX.length) : name;
}

function operationsOf(tables: readonly GraphTable[], find: CallGraph['find']): Map<string, GraphNode[]> {
  const operations = new Map<string, GraphNode[]>();
  for (const table of tables) {
    for (const entry of table.entries) {
      const node = find(entry.function, table.file);
      if (!node) continue;
      const known = operations.get(entry.member) ?? [];
      if (!known.includes(node)) operations.set(entry.member, [...known, node]);
    }
  }
  return operations;
}
