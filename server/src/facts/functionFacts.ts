import { asmSpans } from '../syntax/c/asmSpans.js';
import type { CallSite } from '../syntax/c/outline.js';
import type { Guard } from '../syntax/conditions/guard.js';
import { configGuardsAt } from '../syntax/preprocessor/directives.js';
import type { Problem } from '../syntax/text/sourceText.js';
import { tokenize } from '../syntax/text/tokens.js';
import { egprFacts, type EgprFacts } from './egpr/egprFacts.js';
import { wantsParsing } from './parsedFunctions.js';
import { bitmapChanges } from './registers/bitmapChanges.js';
import { opaqueBitmapUses } from './registers/bitmapUses.js';
import { clearedArrays, type ClearedArray } from './registers/clearedArrays.js';
import { clearedMembers } from './registers/clearedMembers.js';
import { localValues, type LocalValue } from './registers/localValues.js';
import { movesOf } from './registers/moves.js';
import { opaqueFetches } from './registers/opaqueFetches.js';
import { opaqueMoves } from './registers/opaqueMoves.js';
import { functionReferences } from './registers/references.js';
import type { Reference } from './registers/reference.js';
import { withRegisterMacros } from './registers/registerMacroUses.js';
import { namesRegister, tokenReferences } from './registers/tokenReferences.js';
import { areaChanges } from './registers/placeCalls.js';
import { givenVmcbs } from './registers/vmcbs.js';
import { assignedCallbacks, type AssignedCallback } from './source/assignedCallbacks.js';
import { callFacts } from './source/calls.js';
import type { FunctionSource } from './source/functionSource.js';
import type { FunctionTree, Parameter, TreeReader } from './source/functionTree.js';
import { statementOf } from './source/cStatements.js';
import type { NameContext } from './source/nameContext.js';
import { isUndeclaredVariable, unsoundNames } from './source/unsoundNames.js';
import type { TreeSymbols } from './symbols/treeSymbols.js';
import type { FactSymbols } from './symbols/wordRoles.js';
import { asWritten, type WrittenFacts } from './writtenFacts.js';
import { xsaveFacts, type XsaveFacts } from './xsave/xsaveFacts.js';

/** What is known of a C function: plain data. Every offset in it, of whatever fact, counts from the function's first character. */
export interface FunctionFacts extends WrittenFacts {
  readonly name: string;
  /** Offset of its name. */
  readonly offset: number;
  /** Characters from its first to its last. */
  readonly length: number;
  /** It has words by which it may say something of registers or XSAVE state. What a parse tells is empty for any other. */
  readonly isTelling: boolean;
  readonly parameters: readonly Parameter[];
  readonly conditions: readonly Guard[];
  readonly localValues: readonly LocalValue[];
  readonly callbacks: readonly AssignedCallback[];
  /** null where it does nothing with XSAVE state. */
  readonly xsave: XsaveFacts | null;
  readonly apx: EgprFacts;
}

/** Extracts a function's facts, given the tree's symbols. Pure: the same text and symbols give the same facts. */
export function functionFacts(read: TreeReader, fn: FunctionSource, symbols: FactSymbols): FunctionFacts {
  const expanded = withRegisterMacros(fn, symbols);
  const facts = textFacts(read, fn, symbols);
  return expanded
    ? { ...facts, ...asWritten(textFacts(read, expanded.source, symbols), expanded), isTelling: true }
    : facts;
}

/** What is known of a function that is not parsed, by its text alone: all but the callbacks that it assigns. */
export function plainFacts(fn: FunctionSource): FunctionFacts {
  // One literal with all members: there is one for each of five thousand functions.
  return {
    name: fn.name,
    offset: fn.nameStart,
    length: fn.code.length,
    isTelling: false,
    parameters: NONE,
    words: fn.words,
    calls: callsInBody(fn),
    callFacts: NONE,
    moves: NONE,
    givenVmcbs: NONE,
    areaChanges: NONE,
    clears: NONE,
    bitmapChanges: NONE,
    opaqueBitmaps: NONE,
    opaqueFetches: NONE,
    opaqueMoves: NONE,
    clearedMembers: NONE,
    conditions: configGuardsAt(fn.conditionals, 0),
    localValues: NONE,
    callbacks: NONE,
    xsave: null,
    apx: NO_EGPRS,
    references: NONE,
    problems: NONE,
  };
}

const NONE: readonly never[] = [];
const NO_EGPRS = egprFacts([]);

/** Whether a function's facts are {@link plainFacts}. */
export function isPlain({ isTelling, callbacks }: FunctionFacts): boolean {
  return !isTelling && callbacks.length === 0;
}

/** What a function's text says as it stands. */
function textFacts(read: TreeReader, fn: FunctionSource, symbols: FactSymbols): FunctionFacts {
  if (!wantsParsing(fn, symbols)) return { ...plainFacts(fn), callbacks: assignedCallbacks(fn, symbols.types) };
  const trees = read(fn);
  const contexts = trees.map((tree) => ({ tree, symbols }));
  const cleared = contexts.flatMap(clearedArrays);
  const references = [...completeReferences(fn, trees, symbols), ...clearReferences(fn, cleared)];
  const changes = contexts.flatMap(bitmapChanges);
  const isMarking =
    references.some(({ kind }) => kind === 'mark-available') || changes.some(({ bitmap }) => bitmap === 'available');
  return {
    ...plainFacts(fn),
    isTelling: true,
    parameters: trees[0]?.parameters ?? [],
    callFacts: contexts.flatMap(callFacts),
    moves: contexts.flatMap(movesOf),
    givenVmcbs: contexts.flatMap(givenVmcbs),
    areaChanges: contexts.flatMap(areaChanges),
    clears: cleared.map(({ node, guards }) => ({ offset: node.start, guards })),
    bitmapChanges: changes,
    opaqueBitmaps: contexts.flatMap(opaqueBitmapUses),
    opaqueMoves: contexts.flatMap(opaqueMoves),
    opaqueFetches: isMarking ? contexts.flatMap(opaqueFetches) : [],
    clearedMembers: isMarking ? contexts.flatMap(clearedMembers) : [],
    localValues: contexts.flatMap(localValues),
    callbacks: assignedCallbacks(fn, symbols.types),
    xsave: xsaveFacts(fn, trees, symbols),
    apx: egprFacts(contexts),
    references,
    problems: unsoundPart(fn, contexts),
  };
}

/** Where a function could first not be read as C, or is none that compiles. The references there come from the tokens alone. */
function unsoundPart({ name, nameStart }: FunctionSource, contexts: readonly NameContext[]): Problem[] {
  const problem = (offset: number, what: string): Problem[] => [
    { offset, message: `${name}: ${what}; what it says of registers may be incomplete` },
  ];
  if (contexts.length === 0) return problem(nameStart, 'could not be read as C');
  const [first] = contexts.flatMap(({ tree }) => tree.unread).sort((a, b) => a.start - b.start);
  if (first) return problem(first.start, 'this part could not be read as C');
  const unnamed = contexts.some(lacksParameter);
  if (unnamed) return problem(nameStart, 'a parameter has no name');
  const [unsound] = contexts.flatMap(unsoundNames);
  return unsound ? problem(unsound.start, unsound.why) : [];
}

/**
 * Whether the name of a parameter is missing: one that the body does not use may have none (C23 6.9.2; GCC takes it since 11). What
 * a macro is given to make the name is none either.
 */
function lacksParameter(context: NameContext): boolean {
  const { tree, symbols } = context;
  const isUnnamed = tree.parameters.some(({ name, type }) => name === '' && type !== 'void');
  return (
    isUnnamed && !symbols.macros.has(tree.source.name) && tree.nodes.some((node) => isUndeclaredVariable(context, node))
  );
}

/** The calls of a function, without what its head has the form of. */
export function callsInBody({ calls, bodyStart }: FunctionSource): CallSite[] {
  return calls.filter((call) => call.offset > bodyStart);
}

/** The references that a function's trees show, and those that only its tokens do: what the parser could not place. */
function completeReferences(fn: FunctionSource, trees: readonly FunctionTree[], symbols: TreeSymbols): Reference[] {
  const parsed = trees.flatMap((tree) => functionReferences({ tree, symbols }));
  if (!namesRegister(fn.words.keys(), symbols)) return parsed;
  const seen = new Set(parsed.map((reference) => reference.start));
  const tokens = tokenize(fn.code, fn.bodyStart, fn.code.length);
  const byToken = tokenReferences(tokens, symbols, fn.name, (offset) => configGuardsAt(fn.conditionals, offset));
  const fresh = byToken.filter((reference) => !seen.has(reference.start));
  // In inline assembly it is the instruction that refers to a register, not the operand list.
  const asm = fresh.length > 0 ? asmSpans(fn.code) : [];
  const isAsm = (offset: number) => asm.some((span) => span.start <= offset && offset < span.end);
  return [...parsed, ...fresh.filter((reference) => !isAsm(reference.start))];
}

/** Clearing the whole array writes every GPR: `memset(vcpu->arch.regs, 0, ...)`. */
function clearReferences({ name }: FunctionSource, cleared: readonly ClearedArray[]): Reference[] {
  return cleared.map(({ node, array: { start, end }, guards }): Reference => {
    const via = 'memset of every GPR';
    const base = { register: null, kind: 'write', via, function: name, isIndirect: false } as const;
    const callee = { name: 'memset', start: node.start };
    return { ...base, start, end, guards, statement: statementOf(node), callee };
  });
}
