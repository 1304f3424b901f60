import type { Phase } from '../../backends/phase.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import type { FunctionFacts } from '../../facts/functionFacts.js';
import type { CallFact } from '../../facts/source/calls.js';
import type { Span } from '../../syntax/text/sourceText.js';
import {
  fileOffset,
  nameSpan,
  offsetIn,
  operationName,
  tableOfCall,
  type CallEdge,
  type CallGraph,
  type GraphNode,
  type GraphTable,
} from '../callGraph.js';
import { groupBy } from '../groupBy.js';
import type { RegisterModel } from '../registerModel.js';
import { OPERATIONS_STRUCT } from '../../facts/symbols/opsTables.js';
import { lastAtOrBefore } from '../../syntax/text/lastAtOrBefore.js';
import { sourceOf, wordFrom, type FileSpan } from './text.js';

/** A function in C; it may have assembly in it. */
export interface CFunction extends GraphNode {
  readonly c: FunctionFacts;
}

/** The function that a name means in a file: its own before another's; null for none. */
export function functionNamed({ graph }: RegisterModel, name: string, path: string): GraphNode | null {
  return graph.find(name, path);
}

/**
 * The function that a word of a file can mean by C's rules of linkage: not another file's `static` one, unless that is a header; in
 * an assembly file, where an instruction may be called as such a function is, no other either. Null for none.
 */
export function functionVisibleIn(model: RegisterModel, name: string, path: string): GraphNode | null {
  const node = functionNamed(model, name, path);
  if (!node || node.file === path || node.file.endsWith('.h') || !node.c) return node;
  const declared = sourceOf(model, node.file)?.text.slice(node.start, definitionSpan(node).start) ?? '';
  return /\bstatic\b/.test(declared) ? null : node;
}

/** The tree's C functions. */
export function cFunctions({ graph }: RegisterModel): readonly CFunction[] {
  return cFunctionsOf(graph);
}

const cFunctionsOf = memoizeByIdentity(({ nodes }: CallGraph) => nodes.filter(isInC));

/** Those of the tree's C functions that may say something of registers or XSAVE state: what a parse tells is empty for any other. */
export function tellingFunctions({ graph }: RegisterModel): readonly CFunction[] {
  return tellingFunctionsOf(graph);
}

const tellingFunctionsOf = memoizeByIdentity(({ tellingNodes }: CallGraph) => tellingNodes.filter(isInC));

/** Those of {@link tellingFunctions} that are KVM's own: of another hypervisor in the tree, the register cache may have other rules. */
export function functionsOfKvm(model: RegisterModel): readonly CFunction[] {
  return tellingFunctions(model).filter((fn) => !model.phases.isOfOtherHypervisor(fn));
}

/** Whether a function is one in C. */
export function isInC(node: GraphNode): node is CFunction {
  return node.c !== null;
}

/** The C functions of a file, in the order of the text. */
export function functionsIn({ graph }: RegisterModel, path: string): readonly CFunction[] {
  return functionsByFile(graph).get(path) ?? [];
}

const functionsByFile = memoizeByIdentity((graph: CallGraph) => groupBy(cFunctionsOf(graph), ({ file }) => file));

/** The C function that an offset of a file is in; null outside of all. */
export function functionAt(model: RegisterModel, path: string, offset: number): CFunction | null {
  const functions = functionsIn(model, path);
  const fn = functions[lastAtOrBefore(functions, offset, ({ start }) => start)];
  return fn && offset < fileOffset(fn, fn.c.length) ? fn : null;
}

/** A function's name in its definition. */
export function definitionSpan(node: GraphNode): FileSpan {
  return { file: node.file, ...nameSpan(node) };
}

/** A C function's text. */
export function functionText(model: RegisterModel, { file, start, c }: CFunction): string {
  return sourceOf(model, file)?.text.slice(start, start + c.length) ?? '';
}

/** A span of a function, counted from its start, as one of its file. */
export function spanIn(node: GraphNode, { start, end }: Span): FileSpan {
  return { file: node.file, start: fileOffset(node, start), end: fileOffset(node, end) };
}

/** The first word of a function from an offset on, counted from its start. */
export function wordIn(model: RegisterModel, node: GraphNode, offset: number): FileSpan {
  return wordFrom(model, node.file, fileOffset(node, offset));
}

/** The calls of a function, through operations and tables of handlers too. */
export function callersOf({ graph }: RegisterModel, node: GraphNode): readonly CallEdge[] {
  return graph.callers(node);
}

/** The functions that a function calls or hands on itself, each once: not those behind an operation. */
export function directCallees({ graph }: RegisterModel, node: GraphNode): readonly GraphNode[] {
  return [...new Set(graph.callees(node).flatMap(({ operation, callee }) => (operation === null ? callee : [])))];
}

/** The functions that a call in a function may reach: the one of its name, or an operation's implementations. */
export function calledBy({ graph }: RegisterModel, node: GraphNode, call: CallFact): readonly GraphNode[] {
  if (call.isOperation) return graph.implementations(operationName(call.callee), tableOfCall(call));
  const callee = graph.find(call.callee, node.file);
  return callee && callee !== node ? [callee] : [];
}

/** Those of the functions that a call in a function may reach that are in C. */
export function cFunctionsCalledBy(model: RegisterModel, node: GraphNode, call: CallFact): readonly CFunction[] {
  return calledBy(model, node, call).filter(isInC);
}

/** The functions that implement an operation, by its name or by that of its static call: `cache_reg`, `kvm_x86_cache_reg`. `table`: the struct of its table, where that is told. */
export function implementationsOf(
  { graph }: RegisterModel,
  name: string,
  table: string | null = null,
): readonly GraphNode[] {
  return graph.implementations(operationName(name), tableOfCall({ callee: name, table }));
}

/** The struct of the table that an operation is called from whose name stands at an offset of a file; null where the call does not tell. */
export function operationTableAt(model: RegisterModel, path: string, offset: number, name: string): string | null {
  const fn = functionAt(model, path, offset);
  if (!fn) return tableEntryAt(model, path, offset);
  const at = offsetIn(fn, offset);
  const call = fn.c.callFacts.findLast((one) => one.isOperation && one.callee === name && one.offset <= at);
  return call?.table ?? structOfText(model, functionText(model, fn), at);
}

/** The struct of the table that an entry at an offset of a file is of, `.set_msr = ...`; null for any other place. */
function tableEntryAt({ graph }: RegisterModel, path: string, offset: number): string | null {
  const isHere = ({ file, entries }: GraphTable) => file === path && entries.some((entry) => entry.offset === offset);
  return graph.tables.find(isHere)?.struct ?? null;
}

/** The struct of the operations' table, by the text of a function that was not parsed: of KVM's own for a name in a macro's parentheses, `kvm_x86_call(`. */
function structOfText(model: RegisterModel, text: string, at: number): string | null {
  const before = text.slice(Math.max(0, at - LONGEST_WAY), at);
  const isInMacro = /\b(?:kvm_x86_|static_)\w*\($/.test(before) && /^\w+\)\s*\(/.test(text.slice(at, at + LONGEST_WAY));
  return isInMacro ? OPERATIONS_STRUCT : structLeadingTo(model, text, at);
}

/** The struct that the members before a word lead to, by the text of a function that was not parsed: `x86_emulate_ops` of `ctxt->ops->`; null for none. */
function structLeadingTo({ symbols }: RegisterModel, text: string, at: number): string | null {
  const way = /(?<!\w)(\w+)((?:->\w+)*)->$/.exec(text.slice(Math.max(0, at - LONGEST_WAY), at));
  if (!way) return null;
  const [, variable = '', members = ''] = way;
  const declared = Array.from(text.matchAll(/\bstruct\s+(\w+)\s*\*+\s*(\w+)/g)).find(
    ([, , one]) => one === variable,
  )?.[1];
  const path = members.split('->').filter((member) => member !== '');
  return path.reduce<string | null>(
    (struct, member) => (struct === null ? null : (symbols.types.members.get(struct)?.get(member) ?? null)),
    declared ?? null,
  );
}

/** Characters of the members before an operation's name. */
const LONGEST_WAY = 60;

/** The structs of the tables that name a function as an operation's implementation. */
export function structsOfOperation({ graph }: RegisterModel, operation: string, node: GraphNode): readonly string[] {
  return graph.tables.flatMap(({ struct, entries }) =>
    entries.some((entry) => entry.member === operation && entry.function === node.name) ? [struct] : [],
  );
}

/** Whether a table of operations in a file names a function as an operation's implementation. */
export function implementsIn({ graph }: RegisterModel, path: string, operation: string, node: GraphNode): boolean {
  const tables = graph.tables.filter((table) => table.file === path);
  return tables.some(({ entries }) => entries.some((e) => e.member === operation && e.function === node.name));
}

/** Whether a function is on the way to VM-entry. */
export function isOnEntryPath({ phases }: RegisterModel, node: GraphNode): boolean {
  return phases.entryPath.has(node);
}

/** Whether the code at an offset of a function, counted from its start, runs after VM-exit on the way back from the guest. */
export function isAfterExit({ phases }: RegisterModel, node: GraphNode, offset: number): boolean {
  return phases.entryPath.has(node) && phases.at(node, offset) === 'vm-exit';
}

/** Whether a function runs only while a vCPU is made, before its first VM-entry. */
export function isVcpuCreation({ phases }: RegisterModel, node: GraphNode): boolean {
  return phases.isCreation(node);
}

/** The moment that is said of what a function does: none in particular where code of several kinds calls it, except around a run of the guest. */
export function toldPhase(model: RegisterModel, node: GraphNode | null, phase: Phase): Phase {
  if (!node || !SIDE_PURPOSES.has(phase) || model.phases.isOfOnePhase(node)) return phase;
  return 'other';
}

/** Moments that are one of a function's several purposes, unless all that calls it has that one. */
const SIDE_PURPOSES: ReadonlySet<Phase> = new Set(['smm', 'reset', 'ioctl', 'emulation']);

/** Whether a function works on L1's control structures for L2 itself. */
export function isNestedCode({ phases }: RegisterModel, node: GraphNode): boolean {
  return phases.hasOwnContext(node) && phases.at(node, offsetIn(node, nameSpan(node).start)) === 'nested';
}

/** The implementations of operations that fetch a register on demand. */
export function cacheCallbacks({ phases }: RegisterModel): readonly GraphNode[] {
  return phases.cacheCallbacks;
}
