import type { CallSite } from '../syntax/c/outline.js';
import type { Guard } from '../syntax/conditions/guard.js';
import type { Problem } from '../syntax/text/sourceText.js';
import type { BitmapChange } from './registers/bitmapChanges.js';
import type { OpaqueBitmapUse } from './registers/bitmapUses.js';
import type { ClearedMember } from './registers/clearedMembers.js';
import type { Move } from './registers/moves.js';
import type { OpaqueFetch } from './registers/opaqueFetches.js';
import type { OpaqueMove } from './registers/opaqueMoves.js';
import type { AreaChange } from './registers/placeCalls.js';
import type { GivenVmcb } from './registers/vmcbs.js';
import type { Reference, ReferenceKind } from './registers/reference.js';
import type { CallFact } from './source/calls.js';
import type { ExpandedFunction } from './source/expandedFunction.js';

/** What a function says by its text, which its macros may be expanded in. Offsets count from the function's first character. */
export interface WrittenFacts {
  /** Every identifier in it: what it may call or mention. */
  readonly words: ReadonlyMap<string, number>;
  /** Calls as the text has them; those of a function that was parsed also have guards and arguments. */
  readonly calls: readonly CallSite[];
  readonly callFacts: readonly CallFact[];
  readonly moves: readonly Move[];
  /** The VMCBs that it gives to the functions it calls. */
  readonly givenVmcbs: readonly GivenVmcb[];
  /** The calls by which it makes another VMCS current. */
  readonly areaChanges: readonly AreaChange[];
  /** Offsets where the whole array of registers is set to zero, with guards. */
  readonly clears: readonly { readonly offset: number; readonly guards: readonly Guard[] }[];
  /** Assignments to the bitmaps of what is available and what is dirty. */
  readonly bitmapChanges: readonly BitmapChange[];
  /** Uses of these that do not tell which registers they are about. */
  readonly opaqueBitmaps: readonly OpaqueBitmapUse[];
  /** Where it fetches a register in a way that is not understood. */
  readonly opaqueFetches: readonly OpaqueFetch[];
  /** Accesses to registers' places that do not tell what they move. */
  readonly opaqueMoves: readonly OpaqueMove[];
  /** Members that it sets to 0, of a function that marks registers available. */
  readonly clearedMembers: readonly ClearedMember[];
  /** Its references to registers, in no particular order. */
  readonly references: readonly Reference[];
  /** What could not be read in it. */
  readonly problems: readonly Problem[];
}

/** The facts of an expanded function as facts of the function as written. */
export function asWritten(facts: WrittenFacts, expanded: ExpandedFunction): WrittenFacts {
  const { writtenOffset } = expanded;
  const placed = <Fact extends { readonly offset: number }>(fact: Fact): Fact => {
    return { ...fact, offset: writtenOffset(fact.offset) };
  };
  const spanned = <Fact extends { readonly offset: number; readonly end: number }>(fact: Fact): Fact => {
    return { ...placed(fact), end: writtenOffset(fact.end) };
  };
  return {
    words: new Map([...facts.words].map(([word, offset]) => [word, writtenOffset(offset)])),
    calls: facts.calls.map(spanned),
    callFacts: facts.callFacts.map(placed),
    moves: facts.moves.map((move) => ({ ...spanned(move), statement: writtenOffset(move.statement) })),
    givenVmcbs: facts.givenVmcbs.map(placed),
    areaChanges: facts.areaChanges.map(placed),
    clears: facts.clears.map(placed),
    bitmapChanges: facts.bitmapChanges.map(placed),
    opaqueBitmaps: facts.opaqueBitmaps.map(placed),
    opaqueFetches: facts.opaqueFetches.map(placed),
    opaqueMoves: facts.opaqueMoves.map(placed),
    clearedMembers: facts.clearedMembers,
    references: onePerToken(facts.references.flatMap((reference) => writtenReference(reference, expanded) ?? [])),
    problems: facts.problems.map(placed),
  };
}

/** A reference as written; null for what stands in a macro's body, where it is listed. */
function writtenReference(reference: Reference, { writtenOffset, writtenToken }: ExpandedFunction): Reference | null {
  const token = writtenToken(reference);
  if (!token) return null;
  const { callee } = reference;
  const placed = { ...reference, ...token, statement: writtenOffset(reference.statement) };
  return callee ? { ...placed, callee: { name: callee.name, start: writtenOffset(callee.start) } } : placed;
}

/** A macro may use an argument several times: what is said of the token is what changes most. */
function onePerToken(references: readonly Reference[]): Reference[] {
  const found = new Map<string, Reference>();
  for (const reference of references) {
    const key = `${String(reference.start)} ${reference.register ?? ''}`;
    const known = found.get(key);
    if (!known || weight(reference) > weight(known)) found.set(key, reference);
  }
  return [...found.values()];
}

const WEIGHTS: Partial<Record<ReferenceKind, number>> = { readwrite: 3, write: 2, read: 1 };

function weight({ kind }: Reference): number {
  return WEIGHTS[kind] ?? 0;
}
