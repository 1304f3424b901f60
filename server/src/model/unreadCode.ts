import type { Reason } from '../backends/owner.js';
import type { PlaceKind } from '../backends/place.js';
import { fileOffset, isOpaqueEntry, nameSpan, type GraphNode } from './callGraph.js';
import type { RegisterMember } from '../facts/registers/registerMember.js';
import type { OwnerInputs } from './ownerInputs.js';
import { labelsChosen } from '../syntax/conditions/guard.js';
import type { TreeBackend } from './treeBackends.js';
import { vendorsByFile } from './vendorFiles.js';

/**
 * What of a tree's C code for a backend is not read, or is not there, so that a move between a kind of place and the register
 * cache may have been overlooked. Empty where all of it is understood: then what was not found is absent.
 */
export function unreadCode(inputs: OwnerInputs, backend: TreeBackend, kind: PlaceKind): readonly Reason[] {
  return [...entryReason(inputs, backend), ...unreadParts(inputs, backend), ...notMoving(inputs, backend, kind)];
}

/** Why nothing is known of a backend's world switch: no C code that runs its guests leads to it. Empty where some does. */
export function entryReason(
  { graph, phases, lineOf }: OwnerInputs,
  { entries, title }: TreeBackend,
): readonly Reason[] {
  const nodes = graph.nodes.filter(({ name }) => entries.includes(name));
  const opaque = nodes.filter(isOpaqueEntry);
  if (opaque.length === nodes.length && nodes.length > 0)
    return opaque.map(({ file, start, name: what }) => {
      return { file, line: lineOf(file, start), what, why: 'is defined nowhere in this tree' };
    });
  const isRun = (node: GraphNode) => node.c !== null && phases.entryPath.has(node);
  if (nodes.some((node) => isRun(node) || graph.callers(node).some(({ caller }) => isRun(caller)))) return [];
  // What assembly calls is not called by C itself.
  const [first] = [...nodes.filter((node) => graph.callers(node).length === 0), ...nodes];
  const why = 'is called by no C code of this tree that runs a guest';
  if (first) return [{ file: first.file, line: lineOf(first.file, nameSpan(first).start), what: first.name, why }];
  return [{ file: '', line: null, what: `the world switch of ${title}`, why: 'is not in this tree' }];
}

/** What says which parts of a tree could not be read, and which files matter to a backend. */
type ReadTree = Pick<OwnerInputs, 'unread' | 'phases' | 'symbols' | 'graph'>;

/** Parts of the backend's files, and of those that declare the cache or lead to VM-entry, that could not be read or are not there. */
export function unreadParts({ unread, phases, symbols, graph }: ReadTree, { definition }: TreeBackend): Reason[] {
  if (unread.length === 0) return [];
  const vendors = vendorsByFile(graph)(symbols.backends);
  const onPath = new Set([...phases.entryPath.keys()].map(({ file }) => file));
  const declaring = new Set(symbols.registers.members.flatMap(({ declared }) => declared?.file ?? []));
  const isVendors = (file: string) => vendors.get(file) === definition?.vendor;
  const isCommon = (file: string) => !vendors.has(file) && (onPath.has(file) || declaring.has(file));
  // Of assembly, its own analysis says what is not understood.
  const matters = (file: string) => !file.endsWith('.S') && (isVendors(file) || isCommon(file));
  const mayBeOwn = (files: readonly string[]) =>
    files.some(isVendors) || (files.length > 0 && !files.some((file) => vendors.has(file)));
  return unread.flatMap(({ file, line, message, builtWith }): Reason[] => {
    if (builtWith) return mayBeOwn(builtWith) ? [{ file, line, what: 'code', why: `is missing: ${message}` }] : [];
    return line === null || matters(file) ? [{ file, line, what: 'the text', why: `is not read: ${message}` }] : [];
  });
}

/**
 * Code for a backend that speaks of a register and uses the avail bits so that it is not told whose: it may fetch the register.
 */
export function opaqueTests(
  { graph, symbols, lineOf }: OwnerInputs,
  { definition }: TreeBackend,
  { name, register }: RegisterMember,
): Reason[] {
  const vendors = vendorsByFile(graph)(symbols.backends);
  return graph.tellingNodes.flatMap((node): Reason[] => {
    const opaque = node.c?.opaqueBitmaps.find(({ bitmap }) => bitmap === 'available');
    const isOwn = (vendors.get(node.file) ?? definition?.vendor) === definition?.vendor;
    if (!opaque || !isOwn || !node.c?.references.some((reference) => reference.register === name)) return [];
    const line = lineOf(node.file, fileOffset(node, opaque.offset));
    return [
      { file: node.file, line, what: register, why: 'may be tested by way of a local variable, which is not followed' },
    ];
  });
}

/** Code for a backend that fetches a register where it is not available, from a place that is not understood. */
export function unreadFetches(
  { graph, symbols, lineOf }: OwnerInputs,
  { definition }: TreeBackend,
  { name }: RegisterMember,
): Reason[] {
  const vendors = vendorsByFile(graph)(symbols.backends);
  return graph.nodes.flatMap((node) => {
    const isOwn = (vendors.get(node.file) ?? definition?.vendor) === definition?.vendor;
    const fetches = isOwn ? (node.c?.opaqueFetches ?? []).filter(({ register }) => register === name) : [];
    return fetches.map(({ offset, target: what }): Reason => {
      const line = lineOf(node.file, fileOffset(node, offset));
      return { file: node.file, line, what, why: 'is given a value whose place is not understood' };
    });
  });
}

/** Functions that a backend's cache callback calls to fetch a register, and that the tree does not show: `load_pdptrs` without x86.c. */
export function missingFetches(
  inputs: OwnerInputs,
  { name: backend }: TreeBackend,
  { name }: RegisterMember,
): Reason[] {
  const { graph, symbols, phases, backendOfCallback, lineOf } = inputs;
  const callbacks = phases.cacheCallbacks.filter((node) => backendOfCallback(node) === backend);
  return callbacks.flatMap((node) =>
    (node.c?.callFacts ?? []).flatMap(({ callee, guards, offset, isOperation }): Reason[] => {
      const isMembers = labelsChosen(guards).includes(name);
      const isShown = isOperation || symbols.macros.has(callee) || graph.find(callee, node.file) !== null;
      if (!isMembers || isShown || !/[a-z]/.test(callee)) return [];
      const line = lineOf(node.file, fileOffset(node, offset));
      return [{ file: node.file, line, what: callee, why: 'is defined nowhere in this tree' }];
    }),
  );
}

/** Where nothing at all is seen to go from a kind of place to the cache, how this tree does it is not understood. */
function notMoving(inputs: OwnerInputs, { entries, title }: TreeBackend, kind: PlaceKind): Reason[] {
  const { from, graph, lineOf } = inputs;
  if (from(kind).some(({ to }) => to?.kind === 'cache')) return [];
  const why = `is all of ${title} that is understood: nothing is seen to go from the ${kind.toUpperCase()} to the register cache`;
  return graph.nodes
    .filter(({ name }) => entries.includes(name))
    .map((node) => ({ file: node.file, line: lineOf(node.file, nameSpan(node).start), what: node.name, why }));
}
