import { argumentsOf, bareExpression, calleeName, textOf, type FunctionContext } from '../source/expressions.js';
import { placeOf } from './places.js';
import type { Place } from '../../backends/place.js';
import { unionGuards, type Guard } from '../../syntax/conditions/guard.js';
import { child, type CNode } from '../../syntax/c/cTree.js';
import type { Span } from '../../syntax/text/sourceText.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import type { FunctionTree } from '../source/functionTree.js';
import { guardsOf } from '../source/guards.js';
import { objectAccess } from '../source/objectAccess.js';
import { reachingDefinitions } from '../source/reachingDefinitions.js';
import { trailStart, trailTo, type ValueTrail } from '../source/valueTrail.js';

/** A value that an expression is made of, with the conditions under which a local variable got it. */
interface Source {
  readonly place: Place;
  /** What reads the place. */
  readonly node: CNode;
  readonly guards: readonly Guard[];
}

/** How far a value is followed through local variables. */
export const MOST_LOCALS = 4;

/** Parts of an expression that its value is not made of. */
const NO_VALUES: ReadonlySet<string | null> = new Set(['condition', 'function', 'operator', 'field', 'index']);

/** Operators whose result is no longer the value that goes in; masks and shifts only take a part of it. */
const COMPUTES = /^(?:[-+*/%]|==|!=|<=?|>=?|&&|\|\||!)$/;

/** The places that an expression's value is made of; notes in `used` what it reads. */
export function sourcesOf(
  context: FunctionContext,
  expression: CNode,
  used: Set<number>,
  trail: ValueTrail = trailStart(),
): Source[] {
  const node = valueRead(context, expression);
  const place = placeOf(context, node);
  if (place) {
    used.add(node.start);
    return [{ place, node, guards: [] }];
  }
  if (node.type === 'identifier') return trail.depth < MOST_LOCALS ? localSources(context, node, used, trail) : [];
  // A sum, a comparison or a size is another value than what it is made of.
  if (node.type === 'sizeof_expression' || COMPUTES.test(child(node, 'operator')?.type ?? '')) return [];
  // What decides between values is not one of them; what a callee does with its arguments is not known.
  const isCall = node.type === 'call_expression';
  const parts = node.children.filter((c) => !NO_VALUES.has(c.field) && !(isCall && c.field === 'arguments'));
  return parts.flatMap((part) => sourcesOf(context, part, used, trail));
}

/** The object whose value an expression is: `x` of `(u64)READ_ONCE(x)`. */
function valueRead(context: FunctionContext, expression: CNode): CNode {
  const node = bareExpression(expression);
  const object = objectAccess(context, node)?.object;
  return object ? valueRead(context, object) : node;
}

function localSources(context: FunctionContext, use: CNode, used: Set<number>, trail: ValueTrail): Source[] {
  const name = textOf(context, use);
  if (!context.tree.variables.has(name)) return [];
  const defined = reachingDefinitions(context.tree, use).found.flatMap(({ value, node }) => {
    if (isGivenAway(context, name, { start: node.end, end: use.start })) return [];
    const next = trailTo(value, trail);
    return (next ? sourcesOf(context, value, used, next) : []).map((source): Source => {
      return { ...source, guards: unionGuards(guardsOf(context.tree.guards, node), source.guards) };
    });
  });
  const read = (guestMemoryReads(context).get(name) ?? []).map((node): Source => {
    return { place: GUEST_MEMORY, node, guards: guardsOf(context.tree.guards, node) };
  });
  return [...defined, ...read];
}

/** Whether a call between two places of a function is given a variable's address, and so may have given it another value. */
function isGivenAway({ tree }: FunctionContext, name: string, { start, end }: Span): boolean {
  return (
    addressesGiven(tree)
      .get(name)
      ?.some((node) => node.start >= start && node.end <= end) ?? false
  );
}

/** Where a function gives the addresses of variables to calls, by the variables' names. */
const addressesGiven = memoizeByIdentity((tree: FunctionTree): ReadonlyMap<string, readonly CNode[]> => {
  const found = new Map<string, CNode[]>();
  for (const node of tree.nodes) {
    if (node.type !== 'pointer_expression' || node.parent?.type !== 'argument_list') continue;
    const name = /^&\s*(\w+)$/.exec(tree.text.slice(node.start, node.end))?.[1];
    if (name !== undefined) found.set(name, [...(found.get(name) ?? []), node]);
  }
  return found;
});

const GUEST_MEMORY: Place = { kind: 'memory', name: 'guest memory', register: null };

/** Functions that fill memory behind their first argument from guest memory (linux/kvm_host.h, x86.c). */
const GUEST_MEMORY_READERS = /^kvm_(?:vcpu_)?read_(?:nested_)?guest(?:_page(?:_mmu)?|_cached|_virt)?$/;

/** Reads of guest memory, by the names of the local variables that they fill. */
const guestMemoryReads = memoizeByIdentity((context: FunctionContext): ReadonlyMap<string, readonly CNode[]> => {
  const found = new Map<string, CNode[]>();
  for (const node of context.tree.nodes) {
    if (node.type !== 'call_expression' || !GUEST_MEMORY_READERS.test(calleeName(context, node))) continue;
    const given = argumentsOf(node).map((argument) => textOf(context, bareExpression(argument)).replace(/^&/, ''));
    for (const name of new Set(given)) found.set(name, [...(found.get(name) ?? []), node]);
  }
  return found;
});
