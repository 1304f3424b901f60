import type { Reference } from '../../facts/references.js';
import { CACHE_STRUCT, type Accessor, type Vocabulary } from '../../facts/vocabulary.js';
import type { GraphNode } from '../../model/callGraph.js';
import type { Owner, RegisterModel, Sync, Transfer } from '../../model/registerModel.js';
import type { Span } from '../../syntax/sourceText.js';

/** A tree's functions as the rules look at them. */
export interface TrackedCode {
  readonly model: RegisterModel;
  readonly functions: readonly TrackedFunction[];
  readonly of: (node: GraphNode) => TrackedFunction | undefined;
  /** The backend that each file's code is of, by the hardware's interface that it works on most; none for common code. */
  readonly backends: ReadonlyMap<string, string>;
}

/** A C function with what it does to the register cache itself. */
export interface TrackedFunction {
  readonly node: GraphNode;
  readonly file: string;
  readonly facts: NonNullable<GraphNode['c']>;
  readonly uses: readonly CacheUse[];
}

/** A use of a register's slot or field: `vcpu->arch.regs[VCPU_REGS_RSP]`, `vcpu->arch.cr3`, `vcpu->arch.regs[reg]`. */
export interface CacheUse {
  readonly reference: Reference;
  /** The register's member, aliases resolved; of a number that only run time knows, what is written for it. */
  readonly subject: string;
  readonly isRuntime: boolean;
}

const known = new WeakMap<RegisterModel, TrackedCode>();

/** A model's functions, made once. */
export function trackedCode(model: RegisterModel): TrackedCode {
  const found = known.get(model) ?? readCode(model);
  known.set(model, found);
  return found;
}

function readCode(model: RegisterModel): TrackedCode {
  const byNode = new Map<GraphNode, TrackedFunction>();
  for (const node of model.graph.nodes) {
    const file = model.files.get(node.file);
    if (!node.c || !file) continue;
    const { start, end } = node.c;
    const direct = file.references.filter((r) => r.start >= start && r.start < end && isCacheUse(r));
    const uses = direct.map((reference) => cacheUse(model.vocabulary, file.source.text, reference));
    byNode.set(node, { node, file: node.file, facts: node.c, uses });
  }
  return { model, functions: [...byNode.values()], of: (node) => byNode.get(node), backends: backendsOfFiles(model) };
}

function isCacheUse({ storage, callee, kind }: Reference): boolean {
  return storage === 'cache' && callee === undefined && /^(?:read|write|readwrite)$/.test(kind);
}

function cacheUse(vocabulary: Vocabulary, text: string, reference: Reference): CacheUse {
  const written = reference.register ?? text.slice(reference.start, reference.end);
  return { reference, subject: subjectOf(vocabulary, written), isRuntime: reference.register === null };
}

/** What a register's number is, as written: the member that it names, aliases resolved, else the text without casts. */
export function subjectOf(vocabulary: Vocabulary, written: string): string {
  const bare = /^(?:\([^()]*\)\s*)*(\w+)$/.exec(written)?.[1] ?? written;
  const { byName, numberMacros } = vocabulary.registers;
  const member = byName.get(bare) ?? numberMacros.get(bare);
  return member ? (member.aliasOf ?? member.name) : bare;
}

/** Whose interface a file's code works on: VMCS fields are VMX's, the VMCB, VMSA and GHCB SVM's. */
const BACKEND_OF_PLACE: ReadonlyMap<string, string> = new Map([
  ['vmcs', 'vmx'],
  ['vmcb', 'svm'],
  ['vmsa', 'svm'],
  ['ghcb', 'svm'],
  ['tdx', 'tdx'],
]);

function backendsOfFiles(model: RegisterModel): ReadonlyMap<string, string> {
  const counts = new Map<string, Map<string, number>>();
  for (const node of model.graph.nodes) {
    const own = counts.get(node.file) ?? new Map<string, number>();
    for (const { from, to } of node.c?.moves ?? []) {
      const backend = BACKEND_OF_PLACE.get(from?.kind ?? '') ?? BACKEND_OF_PLACE.get(to?.kind ?? '');
      if (backend !== undefined) own.set(backend, (own.get(backend) ?? 0) + 1);
    }
    if (own.size > 0) counts.set(node.file, own);
  }
  const most = ([file, own]: [string, Map<string, number>]): [string, string] => [
    file,
    [...own].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '',
  ];
  return new Map([...counts].map(most));
}

/** A register that a backend keeps in some way, with how. */
export interface Kept {
  readonly member: string;
  readonly register: string;
  readonly owner: Owner;
}

/** The owners that a test chooses, by the register's member. */
export function ownersWith(
  model: RegisterModel,
  isWanted: (owner: Owner) => boolean,
): ReadonlyMap<string, readonly Kept[]> {
  const found = new Map<string, readonly Kept[]>();
  for (const { member, register, owners } of model.registers) {
    if (!member) continue;
    const kept = owners.filter(isWanted).map((owner) => ({ member: member.name, register, owner }));
    if (kept.length > 0) found.set(member.name, kept);
  }
  return found;
}

/**
 * Whether a tree shows all of a backend that a rule has to see before it says that something is nowhere: the cache's struct,
 * the enum, and C code that runs a guest.
 */
export function isWhole({ model }: TrackedCode, backend: string): boolean {
  const { vocabulary, backends, graph } = model;
  const entries = backends.find(({ name }) => name === backend)?.entries ?? [];
  const isRun = (node: GraphNode) =>
    entries.includes(node.name) && (node.c !== null || graph.callers(node).some(({ caller }) => caller.c !== null));
  return (
    vocabulary.types.members.has(CACHE_STRUCT) &&
    vocabulary.registers.members.some((member) => member.declared !== null) &&
    graph.nodes.some(isRun)
  );
}

/** Whether a backend has a function of its own that fetches registers on demand. */
export function hasCallback({ model, backends }: TrackedCode, backend: string): boolean {
  return model.phases.cacheCallbacks.some(({ file }) => backends.get(file) === backend);
}

/** How a backend keeps a register; undefined where it is not told. */
export function syncOf(model: RegisterModel, member: string, backend: string | undefined): Sync | undefined {
  const owners = model.registers.find((r) => r.member?.name === member)?.owners ?? [];
  return owners.find((owner) => owner.backend === backend)?.sync;
}

/** Members whose value is in the array, so that a number known only at run time may mean them. */
export function isInArray(model: RegisterModel, member: string): boolean {
  return model.registers.find((r) => r.member?.name === member)?.storage?.endsWith(']') ?? false;
}

/** Whether a function works on L1's control structures for L2 itself. */
export function isNestedCode({ model: { phases } }: TrackedCode, { node, facts }: TrackedFunction): boolean {
  return phases.hasOwnContext(node) && phases.at(node, facts.offset) === 'nested';
}

/** Where a backend keeps a register, in a sentence: `the VMCS (GUEST_RSP)`. */
export function placeTitle({ place }: Owner): string {
  return place.kind === 'memory' ? place.name : `the ${place.kind.toUpperCase()} (${place.name})`;
}

/** The word at an offset, as a span. */
export function wordAt(model: RegisterModel, file: string, offset: number): Span {
  const text = model.files.get(file)?.source.text ?? '';
  const word = /^\w+/.exec(text.slice(offset, offset + LONGEST_WORD))?.[0] ?? '';
  return { start: offset, end: offset + word.length };
}

/** Characters. */
const LONGEST_WORD = 80;

/** The token that names a register in a transfer's statement; else the statement's first word. */
export function transferSpan(
  model: RegisterModel,
  member: string,
  { file, offset }: Pick<Transfer, 'file' | 'offset'>,
): Span {
  const source = model.files.get(file);
  const end = source ? source.source.text.indexOf(';', offset) : -1;
  const named = source?.references.find((r) => r.start >= offset && r.start < end && r.register === member);
  return named ? { start: named.start, end: named.end } : wordAt(model, file, offset);
}

/** An accessor that a macro makes, and that does nothing but read or write the slot. */
export function plainAccessors({ vocabulary }: RegisterModel, kind: Accessor['kind']): readonly Accessor[] {
  const isPlain = ({ instantiation }: Accessor) =>
    instantiation?.macros.every(
      (name) => !vocabulary.macros.get(name)?.definition.body.some((token) => vocabulary.indexed.has(token.text)),
    ) ?? false;
  return [...vocabulary.accessors.values()].filter((accessor) => accessor.kind === kind && isPlain(accessor));
}
