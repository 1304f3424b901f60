import { asmSpans } from '../syntax/blanking.js';
import { conditionsAt } from '../syntax/preprocessor.js';
import type { CallSite, OutlineItem } from '../syntax/outline.js';
import type { Problem } from '../syntax/problem.js';
import type { SourceText } from '../syntax/sourceText.js';
import { tokenize } from '../syntax/tokens.js';
import { apxFacts, type ApxFacts } from './apx/apxFacts.js';
import { bitmapChanges, type BitmapChange } from './bitmapChanges.js';
import { callFacts, type CallFact } from './calls.js';
import type { FunctionTree, Parameter, TreeReader } from './functionTree.js';
import { clearedArrays, movesOf, type ClearedArray, type Move } from './moves.js';
import { functionNumbers, heldMembers, type FunctionNumbers, type HeldMembers } from './narrowFacts.js';
import { opsTables, type OpsTable } from './opsTables.js';
import { listedProblems, type ListedProblem } from './listedProblems.js';
import {
  declarationReferences,
  functionReferences,
  macroReferences,
  namesRegister,
  tokenReferences,
  type Reference,
} from './references.js';
import { registerSets, type RegisterSet } from './registerSets.js';
import type { SourceOutline } from './sourceOutline.js';
import type { Vocabulary } from './vocabulary.js';
import { wantsParsing } from './relevance.js';
import { xsaveFacts, type XsaveFacts } from './xsave/xsaveFacts.js';

/** What is known of a C function. */
export interface FunctionFacts {
  readonly name: string;
  /** Offsets of its name, its first character and the one behind its last. */
  readonly offset: number;
  readonly start: number;
  readonly end: number;
  readonly parameters: readonly Parameter[];
  /** Every identifier in it: what it may call or mention. */
  readonly words: ReadonlyMap<string, number>;
  /** Calls as the text has them; those of a function that was parsed also have guards and arguments. */
  readonly calls: readonly CallSite[];
  readonly callFacts: readonly CallFact[];
  readonly moves: readonly Move[];
  /** Offsets where the whole array of registers is set to zero, with guards. */
  readonly clears: readonly { readonly offset: number; readonly guards: readonly string[] }[];
  /** Assignments to the bitmaps of what is available and what is dirty. */
  readonly bitmapChanges: readonly BitmapChange[];
  readonly conditions: readonly string[];
  /** null where it does nothing with XSAVE state. */
  readonly xsave: XsaveFacts | null;
  readonly apx: ApxFacts;
  /** What it says of registers' numbers. */
  readonly numbers: FunctionNumbers;
}

/** What is known of a file. */
export interface FileFacts {
  readonly source: SourceText;
  readonly functions: readonly FunctionFacts[];
  readonly references: readonly Reference[];
  readonly sets: readonly RegisterSet[];
  readonly tables: readonly OpsTable[];
  /** What has room for registers. */
  readonly held: HeldMembers;
  readonly problems: readonly ListedProblem[];
}

/** What a function says: its own facts, its references to registers, and what could not be read in it. */
export interface FunctionReading {
  readonly facts: FunctionFacts;
  readonly references: readonly Reference[];
  readonly problems: readonly Problem[];
}

/** Reads a function of a file, given the tree's names. */
type FunctionReader = (file: SourceOutline, item: OutlineItem, vocabulary: Vocabulary) => FunctionReading;

/** Reads functions by their trees. */
export function functionReader(read: TreeReader): FunctionReader {
  return (file, item, vocabulary) => {
    const isWanted = wantsParsing(item, vocabulary);
    const trees = isWanted ? read(file, item) : [];
    const cleared = trees.flatMap((tree) => clearedArrays({ tree, vocabulary }));
    const numbers = functionNumbers(read, file, item, vocabulary);
    const facts = { ...functionFacts(file, item, trees, cleared, vocabulary), numbers };
    if (!isWanted) return { facts, references: [], problems: [] };
    const references = [...completeReferences(file, item, trees, vocabulary), ...clearReferences(item, cleared)];
    return { facts, references, problems: unreadPart(item, trees) };
  };
}

/** Extracts a C file's facts, given the tree's names. Pure: the same file and vocabulary give the same facts. */
export function fileFacts(readFunction: FunctionReader, file: SourceOutline, vocabulary: Vocabulary): FileFacts {
  // A list of lists: there may be more references than a call takes arguments.
  const references: (readonly Reference[])[] = [macroReferences(file, vocabulary)];
  const functions: FunctionFacts[] = [];
  const problems: Problem[] = [...file.directives.problems];
  for (const item of file.items) {
    if (item.kind === 'function') {
      const reading = readFunction(file, item, vocabulary);
      functions.push(reading.facts);
      references.push(reading.references);
      problems.push(...reading.problems);
    } else if (item.kind === 'enum') references.push(declarationReferences(file, item, vocabulary));
    else references.push(itemReferences(file, item, vocabulary));
  }
  references.push(instantiations(file, vocabulary));
  return {
    source: file.source,
    functions,
    references: asKnownIn(file.source.path, references.flat()).sort((a, b) => a.start - b.start),
    sets: registerSets(file, vocabulary),
    tables: opsTables(file, (name) => vocabulary.macros.get(name)?.definition),
    held: heldMembers(file, vocabulary),
    problems: listedProblems(file.source, problems),
  };
}

/**
 * Code that every architecture compiles. To it an accessor is a function that the architecture has to offer, not a register:
 * `kvm_rip_read` in a macro of linux/kvm_host.h.
 */
const GENERIC_CODE = /^(?:include\/(?:uapi\/)?linux|virt\/kvm)\//;

function asKnownIn(path: string, references: readonly Reference[]): Reference[] {
  const isGeneric = GENERIC_CODE.test(path);
  return references.map((reference) => (isGeneric ? { ...reference, isIndirect: true } : reference));
}

/** Where a function could first not be read as C. The references there are told by the tokens alone. */
function unreadPart(item: OutlineItem, trees: readonly FunctionTree[]): Problem[] {
  const [first] = trees.flatMap((tree) => tree.unread).sort((a, b) => a.start - b.start);
  const incomplete = 'what it says of registers may be incomplete';
  if (trees.length === 0)
    return [{ offset: item.nameStart, message: `${item.name}: could not be read as C; ${incomplete}` }];
  return first
    ? [{ offset: first.start, message: `${item.name}: this part could not be read as C; ${incomplete}` }]
    : [];
}

function functionFacts(
  file: SourceOutline,
  item: OutlineItem,
  trees: readonly FunctionTree[],
  cleared: readonly ClearedArray[],
  vocabulary: Vocabulary,
): Omit<FunctionFacts, 'numbers'> {
  const readings = trees.map((tree) => ({ tree, vocabulary }));
  return {
    name: item.name,
    offset: item.nameStart,
    start: item.start,
    end: item.end,
    parameters: trees[0]?.parameters ?? [],
    words: item.words,
    calls: callsIn(item),
    callFacts: readings.flatMap(callFacts),
    moves: readings.flatMap(movesOf),
    clears: cleared.map(({ node, guards }) => ({ offset: node.start, guards })),
    bitmapChanges: readings.flatMap(bitmapChanges),
    conditions: conditionsAt(file.directives, item.start),
    xsave: xsaveFacts(file, item, trees, vocabulary),
    apx: apxFacts(readings),
  };
}

/** The calls in a function's body. */
export function callsIn(item: OutlineItem): CallSite[] {
  return item.calls.filter((call) => call.offset > item.bodyStart);
}

/** The references that a function's trees show, and those that only its tokens do: what the parser could not place. */
function completeReferences(
  file: SourceOutline,
  item: OutlineItem,
  trees: readonly FunctionTree[],
  vocabulary: Vocabulary,
): Reference[] {
  const parsed = trees.flatMap((tree) => functionReferences({ tree, vocabulary }));
  if (!namesRegister(item.words.keys(), vocabulary)) return parsed;
  const seen = new Set(parsed.map((reference) => reference.start));
  const tokens = tokenize(file.code, item.bodyStart, item.end);
  const told = tokenReferences(tokens, vocabulary, item.name, (offset) => conditionsAt(file.directives, offset));
  const fresh = told.filter((reference) => !seen.has(reference.start));
  // In inline assembly it is the instruction that refers to a register, not the operand list.
  const asm = fresh.length > 0 ? asmSpans(file.code.slice(item.start, item.end)) : [];
  const isAsm = (offset: number) =>
    asm.some((span) => item.start + span.start <= offset && offset < item.start + span.end);
  return [...parsed, ...fresh.filter((reference) => !isAsm(reference.start))];
}

/** Clearing the whole array writes every GPR: `memset(vcpu->arch.regs, 0, ...)`. */
function clearReferences(item: OutlineItem, cleared: readonly ClearedArray[]): Reference[] {
  return cleared.map(({ array: { start, end }, guards }): Reference => {
    const via = 'memset of every GPR';
    return { start, end, register: null, kind: 'write', via, function: item.name, guards, isIndirect: false };
  });
}

function itemReferences(file: SourceOutline, item: OutlineItem, vocabulary: Vocabulary): Reference[] {
  if (!namesRegister(item.words.keys(), vocabulary)) return [];
  const tokens = tokenize(file.code, item.start, item.end);
  return tokenReferences(tokens, vocabulary, null, (offset) => conditionsAt(file.directives, offset));
}

/** Where a macro is used to make accessors: `BUILD_KVM_GPR_ACCESSORS(ax, RAX)`. */
function instantiations(file: SourceOutline, vocabulary: Vocabulary): Reference[] {
  const found = new Map<string, Reference>();
  for (const { instantiation, member } of vocabulary.accessors.values()) {
    if (instantiation?.file !== file.source.path) continue;
    const [via = ''] = instantiation.macros;
    const { start, conditions: guards } = instantiation;
    found.set(`${String(start)} ${member}`, {
      start,
      end: start + via.length,
      register: member,
      kind: 'define',
      via,
      function: null,
      guards,
      isIndirect: false,
    });
  }
  return [...found.values()];
}
