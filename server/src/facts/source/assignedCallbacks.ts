import type { FunctionSource } from './functionSource.js';
import type { TypeTables } from './typeTables.js';

/** A member of an object that is given what may be a function, or one of another object's members: `context->set_cr3 = ops->set_tdp_cr3;`. */
export interface AssignedCallback {
  readonly member: string;
  /** Tag of the struct that has the member; null where that is not told. */
  readonly struct: string | null;
  /** The function, or the member that is copied. */
  readonly value: string;
  /** Tag of the struct that a member is copied from, null where that is not told; undefined for a function. */
  readonly copiedFrom: string | null | undefined;
}

/** A chain of members, as `context->set_cr3`, and what it is given: names, alone or to choose from. */
const ASSIGNMENT = /(?:->|\.)\s*(\w+)\s*=\s*([&?:\w\s.>()!-]{1,200});/g;

/** A name, or a member with all that stands before it. */
const VALUE = /(?<!\w)(\w+(?:(?:->|\.)\w+)*)(?!\w|\s*\()/g;

/** What a function gives to members of objects that may be callbacks: by its text alone, so of functions too that are not parsed. */
export function assignedCallbacks({ code }: FunctionSource, types: TypeTables): AssignedCallback[] {
  const variables = declaredStructs(code);
  return Array.from(code.matchAll(ASSIGNMENT)).flatMap(({ index, 1: member = '', 2: given = '' }) => {
    const struct = structOfChain(chainBefore(code, index), variables, types) ?? types.onlyHolder(member);
    return choicesOf(given).map(({ base, value }): AssignedCallback => {
      const copiedFrom = base.length === 0 ? undefined : structOfChain(base, variables, types);
      return { member, struct, value, copiedFrom };
    });
  });
}

/** The names that a value is one of: both sides of `c ? f : g`, without the condition. */
function choicesOf(given: string): { readonly base: readonly string[]; readonly value: string }[] {
  const choices = given.slice(given.indexOf('?') + 1);
  return Array.from(choices.matchAll(VALUE), ([, chain = '']) => {
    const names = chain.split(/->|\./);
    return { base: names.slice(0, -1), value: names.at(-1) ?? '' };
  }).filter(({ value }) => !/^\d/.test(value));
}

/** The variables of a function by the struct that they are or point to, as its text declares them. */
function declaredStructs(code: string): ReadonlyMap<string, string> {
  const found = Array.from(code.matchAll(/\bstruct\s+(\w+)[\s*]+(\w+)/g), ([, tag = '', name = '']) => {
    return [name, tag] as const;
  });
  return new Map(found.toReversed());
}

/** How far before an assignment its object's name begins at the most. Characters. */
const LONGEST_CHAIN = 200;

/** The names of a chain of members that ends at an offset: `vcpu`, `arch`, `mmu`; none for one with calls or indices in it. */
function chainBefore(code: string, end: number): readonly string[] {
  const [chain = ''] = /(?<![\w.>-])[\w.>-]*$/.exec(code.slice(Math.max(0, end - LONGEST_CHAIN), end)) ?? [];
  const names = chain.split(/->|\./);
  return names.every((name) => /^\w+$/.test(name)) ? names : [];
}

/** The struct at the end of a chain; null where a step of it is not known. A global table may be called after its struct. */
function structOfChain(
  [root, ...members]: readonly string[],
  variables: ReadonlyMap<string, string>,
  types: TypeTables,
): string | null {
  if (root === undefined) return null;
  let struct = variables.get(root) ?? (types.members.has(root) ? root : undefined);
  for (const member of members) struct = struct === undefined ? undefined : types.members.get(struct)?.get(member);
  // A struct without a tag has a number for one.
  return struct === undefined || struct === '' || struct.includes('{') ? null : struct;
}
