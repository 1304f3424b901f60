import { statementOf } from './source/statements.js';
import type { Guard } from '../syntax/conditions/guard.js';
import { asmSpans } from '../syntax/c/asmSpans.js';
import { configGuardsAt } from '../syntax/preprocessor/directives.js';
import type { CallSite, OutlineItem } from '../syntax/c/outline.js';
import type { Problem, SourceText } from '../syntax/text/sourceText.js';
import { tokenize } from '../syntax/text/tokens.js';
import { egprFacts, type EgprFacts } from './egpr/egprFacts.js';
import { bitmapChanges, type BitmapChange } from './registers/bitmapChanges.js';
import { callFacts, type CallFact } from './source/calls.js';
import type { ReadingOf } from './source/functionCache.js';
import type { FunctionTree, Parameter, TreeReader } from './source/functionTree.js';
import { clearedArrays, movesOf, type ClearedArray, type Move } from './registers/moves.js';
import { opsTables, type OpsTable } from './symbols/opsTables.js';
import { listedProblems, type ListedProblem } from './source/listedProblems.js';
import {
  declarationReferences,
  functionReferences,
  macroReferences,
  namesRegister,
  tokenReferences,
  type Reference,
} from './registers/references.js';
import { registerSets, type RegisterSet } from './registers/registerSets.js';
import type { SourceOutline } from './source/sourceOutline.js';
import type { TreeSymbols } from './symbols/treeSymbols.js';
import { wantsParsing } from './parsedFunctions.js';
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
  readonly clears: readonly { readonly offset: number; readonly guards: readonly Guard[] }[];
  /** Assignments to the bitmaps of what is available and what is dirty. */
  readonly bitmapChanges: readonly BitmapChange[];
  readonly conditions: readonly Guard[];
  /** null where it does nothing with XSAVE state. */
  readonly xsave: XsaveFacts | null;
  readonly apx: EgprFacts;
}

/** What is known of a file. */
export interface FileFacts {
  readonly source: SourceText;
  readonly functions: readonly FunctionFacts[];
  readonly references: readonly Reference[];
  readonly sets: readonly RegisterSet[];
  readonly tables: readonly OpsTable[];
  readonly problems: readonly ListedProblem[];
}

/** What a function says: its own facts, its references to registers, and what could not be read in it. */
export interface FunctionReading {
  readonly facts: FunctionFacts;
  readonly references: readonly Reference[];
  readonly problems: readonly Problem[];
}

/** Reads a function of a file, given the tree's names. */
export type FunctionReader = ReadingOf<TreeSymbols, FunctionReading>;

/** Reads functions by their trees. */
export function functionReader(read: TreeReader): FunctionReader {
  return (file, item, symbols) => {
    const isWanted = wantsParsing(item, symbols);
    const trees = isWanted ? read(file, item) : [];
    const cleared = trees.flatMap((tree) => clearedArrays({ tree, symbols }));
    const facts = functionFacts(file, item, trees, cleared, symbols);
    if (!isWanted) return { facts, references: [], problems: [] };
    const references = [...completeReferences(file, item, trees, symbols), ...clearReferences(item, cleared)];
    return { facts, references, problems: unreadPart(item, trees) };
  };
}

/** Extracts a C file's facts, given the tree's names. Pure: the same file and symbols give the same facts. */
export function fileFacts(readFunction: FunctionReader, file: SourceOutline, symbols: TreeSymbols): FileFacts {
  // A list of lists: there may be more references than a call takes arguments.
  const references: (readonly Reference[])[] = [macroReferences(file, symbols)];
  const functions: FunctionFacts[] = [];
  const problems: Problem[] = [...file.directives.problems];
  for (const item of file.items) {
    if (item.kind === 'function') {
      const reading = readFunction(file, item, symbols);
      functions.push(reading.facts);
      references.push(reading.references);
      problems.push(...reading.problems);
    } else if (item.kind === 'enum') references.push(declarationReferences(file, item, symbols));
    else references.push(itemReferences(file, item, symbols));
  }
  references.push(instantiations(file, symbols));
  return {
    source: file.source,
    functions,
    references: asKnownIn(file.source.path, references.flat()).sort((a, b) => a.start - b.start),
    sets: registerSets(file, symbols),
    tables: opsTables(file, (name) => symbols.macros.get(name)?.definition),
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
  symbols: TreeSymbols,
): FunctionFacts {
  const readings = trees.map((tree) => ({ tree, symbols }));
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
    conditions: configGuardsAt(file.directives, item.start),
    xsave: xsaveFacts(file, item, trees, symbols),
    apx: egprFacts(readings),
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
  symbols: TreeSymbols,
): Reference[] {
  const parsed = trees.flatMap((tree) => functionReferences({ tree, symbols }));
  if (!namesRegister(item.words.keys(), symbols)) return parsed;
  const seen = new Set(parsed.map((reference) => reference.start));
  const tokens = tokenize(file.code, item.bodyStart, item.end);
  const told = tokenReferences(tokens, symbols, item.name, (offset) => configGuardsAt(file.directives, offset));
  const fresh = told.filter((reference) => !seen.has(reference.start));
  // In inline assembly it is the instruction that refers to a register, not the operand list.
  const asm = fresh.length > 0 ? asmSpans(file.code.slice(item.start, item.end)) : [];
  const isAsm = (offset: number) =>
    asm.some((span) => item.start + span.start <= offset && offset < item.start + span.end);
  return [...parsed, ...fresh.filter((reference) => !isAsm(reference.start))];
}

/** Clearing the whole array writes every GPR: `memset(vcpu->arch.regs, 0, ...)`. */
function clearReferences(item: OutlineItem, cleared: readonly ClearedArray[]): Reference[] {
  return cleared.map(({ node, array: { start, end }, guards }): Reference => {
    const via = 'memset of every GPR';
    const base = { register: null, kind: 'write', via, function: item.name, isIndirect: false } as const;
    const callee = { name: 'memset', start: node.start };
    return { ...base, start, end, guards, statement: statementOf(node), callee };
  });
}

function itemReferences(file: SourceOutline, item: OutlineItem, symbols: TreeSymbols): Reference[] {
  if (!namesRegister(item.words.keys(), symbols)) return [];
  const tokens = tokenize(file.code, item.start, item.end);
  return tokenReferences(tokens, symbols, null, (offset) => configGuardsAt(file.directives, offset));
}

/** Where a macro is used to make accessors: `BUILD_KVM_GPR_ACCESSORS(ax, RAX)`. */
function instantiations(file: SourceOutline, symbols: TreeSymbols): Reference[] {
  const found = new Map<string, Reference>();
  for (const { instantiation, member } of symbols.accessors.values()) {
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
      statement: start,
    });
  }
  return [...found.values()];
}
