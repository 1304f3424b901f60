import type { Backend } from '../../backends/backend.js';
import type { HardwareKind, Place, PlaceKind, StructPlace } from '../../backends/place.js';
import { placeTables } from '../../backends/registry.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import type { AsmFunctionFacts } from '../../facts/assembly/asmFunction.js';
import { CACHE_STRUCT } from '../../facts/symbols/cacheNames.js';
import { unknownVendorsByFile } from '../unknownVendors.js';
import { mostByFile, vendorsByFile } from '../vendorFiles.js';
import type { GraphNode } from '../callGraph.js';
import type { RegisterModel } from '../registerModel.js';
import type { TreeBackend } from '../treeBackends.js';
import { callersOf, cacheCallbacks, isOnEntryPath } from './functions.js';
import { enumMembers } from './registers.js';
import { membersOfStruct } from './cSymbols.js';
import { unreadParts } from '../unreadCode.js';
import { TASK_PRIORITY, TASK_PRIORITY_WORDS } from './taskPriority.js';

/** A backend of the tree by its name; null for a name that is none. */
function backendNamed({ backends }: RegisterModel, name: string): TreeBackend | null {
  return backends.find((backend) => backend.name === name) ?? null;
}

/** The backends that are known whose guests' registers KVM can read, whether or not the tree has them. */
export function readableBackends({ symbols }: RegisterModel): readonly string[] {
  return symbols.backends.filter(({ hiddenIn }) => hiddenIn === null).map(({ name }) => name);
}

/** How a backend is written in a sentence. */
export function backendTitle(model: RegisterModel, name: string): string {
  return backendNamed(model, name)?.title ?? name.toUpperCase();
}

/** How the way back from a guest is called that a function with assembly enters: `#VMEXIT`; `VM-exit` where it enters none. */
export function exitTitleOf({ symbols }: RegisterModel, { entry }: AsmFunctionFacts): string {
  const usual = 'VM-exit';
  if (!entry) return usual;
  const isOf = ({ entry: own }: Backend) =>
    own.instructions.includes(entry.instruction) || own.call?.name === entry.instruction;
  return symbols.backends.find(isOf)?.entry.exitTitle ?? usual;
}

/** What is known of a kind of place that is a backend's; null for places that every tree has. */
export function hardwareKind({ symbols }: Pick<RegisterModel, 'symbols'>, kind: PlaceKind): HardwareKind | null {
  return placeTables(symbols.backends).kinds.get(kind) ?? null;
}

/** Whether a place is a field that the manuals call otherwise than a register: `control.next_rip`, to which RIP is copied, is no place of it. */
export function isFieldBeside(model: RegisterModel, { kind, name }: Place, register: string): boolean {
  return hardwareKind(model, kind)?.holds?.(name, register) === false;
}

/** What is said of a field that has to do with a register and is not its place, by its name in code; null for any other. */
export function fieldDescription({ symbols }: RegisterModel, field: string): string | null {
  if (field === TASK_PRIORITY) return TASK_PRIORITY_WORDS;
  for (const { describes } of placeTables(symbols.backends).kinds.values()) {
    const found = describes?.(field) ?? null;
    if (found !== null) return found;
  }
  return null;
}

/** The backends that the tree has whose guests an instruction enters, or a call of firmware by this function. */
export function backendsEnteredBy({ backends }: RegisterModel, name: string): readonly TreeBackend[] {
  return backends.filter(
    ({ definition }) =>
      definition?.entry.instructions.includes(name) === true || definition?.entry.call?.function === name,
  );
}

/** Whether a kind of place is one that hardware keeps the guest's registers in, and that KVM can read. */
export function isSaveArea(model: RegisterModel, kind: PlaceKind | undefined): boolean {
  return kind !== undefined && hardwareKind(model, kind)?.role === 'save-area';
}

/** The save area that a backend's registers are copied from and to; null for one whose registers KVM cannot see. */
export function saveAreaOf(model: RegisterModel, backend: string): PlaceKind | null {
  const places = backendNamed(model, backend)?.definition?.places ?? [];
  return places.find(({ role }) => role === 'save-area')?.kind ?? null;
}

/** The place that the members of a struct are, by its tag; null for a struct that is no place. */
export function placeOfStruct({ symbols }: RegisterModel, tag: string): StructPlace | null {
  return placeTables(symbols.backends).structs.get(tag) ?? null;
}

/** The backend whose owners' transfers a file holds most of, so that its answer can come first; null for common code. */
export function backendOfFile(model: RegisterModel, path: string): string | null {
  return ownersByFile(model).get(path) ?? null;
}

const ownersByFile = memoizeByIdentity(({ registers }: RegisterModel) => {
  const owners = registers.flatMap((register) => register.owners);
  // What a backend reads from guest memory, the PDPTRs of SVM with NPT, it has common code read.
  const inHardware = owners.filter(({ place }) => place.kind !== 'memory');
  const moved = inHardware.flatMap(({ backend, load, store }) =>
    [...load, ...store].map(({ file }) => ({ file, backend })),
  );
  return mostByFile(moved);
});

/**
 * The backend whose vendor module a file's code is of, by the hardware's interface that it works on most: VMCS fields are VMX's,
 * the VMCB, VMSA and GHCB SVM's. null for common code.
 */
export function vendorOfFile(model: RegisterModel, path: string): string | null {
  const { graph, symbols } = model;
  return (
    vendorsByFile(graph)(symbols.backends).get(path) ?? unknownVendorsByFile(graph)(symbols.backends).get(path) ?? null
  );
}

/** Whether a backend's vendor module has a function of its own that fetches registers on demand. */
export function hasCacheCallback(model: RegisterModel, backend: string): boolean {
  return cacheCallbacksOf(model, backend).length > 0;
}

/** The functions of a backend's vendor module that fetch a register on demand. */
export function cacheCallbacksOf(model: RegisterModel, backend: string): readonly GraphNode[] {
  return cacheCallbacks(model).filter(({ file }) => vendorOfFile(model, file) === backend);
}

/**
 * The backends of which a tree shows what has to be seen before it is said that something is nowhere: the cache's struct, the
 * enum, code that fetches a register when it is asked for, and C code that runs a guest.
 */
export const wholeBackends = memoizeByIdentity((model: RegisterModel): ReadonlySet<string> => {
  const isKnown =
    membersOfStruct(model, CACHE_STRUCT) !== null &&
    enumMembers(model).some((member) => member.declared !== null) &&
    cacheCallbacks(model).length > 0;
  if (!isKnown) return new Set();
  const isRun = (node: GraphNode) => node.c !== null && isOnEntryPath(model, node);
  const run = model.graph.nodes.filter(
    (node) => isRun(node) || callersOf(model, node).some(({ caller }) => isRun(caller)),
  );
  const names = new Set(run.map(({ name }) => name));
  const isWhole = (backend: TreeBackend) =>
    backend.entries.some((name) => names.has(name)) && unreadParts(model, backend).length === 0;
  return new Set(model.backends.filter(isWhole).map(({ name }) => name));
});

/** The titles of the tree's backends whose guests' registers KVM cannot read. */
export function protectedTitles({ backends }: RegisterModel): readonly string[] {
  return backends.flatMap(({ title, definition }) => (definition?.hiddenIn ? [title] : []));
}
