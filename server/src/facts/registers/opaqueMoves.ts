import type { Place, PlaceKind } from '../../backends/place.js';
import { entryInstructions, placeTables } from '../../backends/registry.js';
import { asmSpans } from '../../syntax/c/asmSpans.js';
import { child, type CNode } from '../../syntax/c/cTree.js';
import {
  bareExpression,
  calleeName,
  textOf,
  withCasts,
  writtenText,
  type FunctionContext,
} from '../source/expressions.js';
import { structOf } from '../source/expressionTypes.js';
import { objectAccess } from '../source/objectAccess.js';
import { namedRegister } from './cacheExpressions.js';
import { cachePlace } from './copies.js';
import { isAddressOf } from './moves.js';
import { placeCall } from './placeCalls.js';
import { placeOf, placesOf } from './places.js';

/**
 * An access to a register's places that does not tell which register it moves, or which way: a field of hardware's that only run
 * time knows, `vmcs_writel(entry->field, value)`; a place whose address another function is given, `fetch(&vcpu->arch.rip)`; a
 * member of a save area that is counted from its beginning; a slot of an array that the function is given.
 */
export interface OpaqueMove {
  /**
   * What is not told. `field`: which of hardware's fields; `address`: what is done behind the address that is given; `member`: which
   * member is counted to; `slot`: whose the array is.
   */
  readonly form: 'field' | 'address' | 'member' | 'slot';
  readonly kind: PlaceKind;
  /** The one place that it is of; null for any of the kind. */
  readonly place: Place | null;
  readonly access: 'read' | 'write' | 'either';
  /** Which parameter of the function names the field, 0-based, so that its callers tell; null for none. */
  readonly parameter: number | null;
  readonly offset: number;
  /** What is accessed, as written. */
  readonly text: string;
}

/** The accesses of a function that do not tell what they move. */
export function opaqueMoves(context: FunctionContext): OpaqueMove[] {
  // What hardware's accessors do is known by their names.
  if (placesOf(context).functionNamed(context.tree.source.name)) return [];
  const moves = context.tree.nodes.flatMap((node): OpaqueMove[] => {
    if (context.tree.isRepeated(node.start)) return [];
    if (node.type === 'subscript_expression') return [givenSlot(context, node)].flatMap((found) => found ?? []);
    if (node.type === 'call_expression') return [unnamedField(context, node)].flatMap((found) => found ?? []);
    if (node.type !== 'pointer_expression' || !isAddressOf(node)) return [];
    return [givenAddress(context, node) ?? countedMember(context, node)].flatMap((found) => found ?? []);
  });
  return [...moves, ...fieldInstructions(context)];
}

/** The slot of an array that a function is given: `regs[VCPU_REGS_RAX]` of `unsigned long *regs`. */
function givenSlot(context: FunctionContext, slot: CNode): OpaqueMove | null {
  const [array, index] = [child(slot, 'argument'), child(slot, 'index')];
  const name = array && bareExpression(array).type === 'identifier' ? textOf(context, bareExpression(array)) : '';
  const member = context.tree.parameters.some((parameter) => parameter.name === name)
    ? namedRegister(context, index)
    : null;
  if (member === null) return null;
  const place = cachePlace(context.symbols, member);
  return { ...NOTHING_TOLD, ...written(context, slot), form: 'slot', kind: place.kind, place };
}

/** Instructions of `asm()` statements that access hardware's fields: which, their operands tell. */
function fieldInstructions({ tree, symbols }: FunctionContext): OpaqueMove[] {
  const { code, words } = tree.source;
  if (!ASM_WORDS.some((word) => words.has(word))) return [];
  const kinds = [...placeTables(symbols.backends).kinds.values()];
  // What enters a guest is a world switch, whose assembly is read as such.
  const entries = [...entryInstructions(symbols.backends)];
  return asmSpans(code).flatMap(({ start, end }) => {
    const statement = code.slice(start, end);
    if (tree.isRepeated(start) || entries.some((entry) => statement.includes(entry))) return [];
    return kinds.flatMap(({ kind, instructions }): OpaqueMove[] => {
      const found = instructions?.exec(statement);
      return found ? [{ ...NOTHING_TOLD, form: 'field', kind, offset: start, text: found[0] }] : [];
    });
  });
}

const ASM_WORDS: readonly string[] = ['asm', '__asm', '__asm__'];

/** A call of hardware's accessor whose field has no constant's name. */
function unnamedField(context: FunctionContext, call: CNode): OpaqueMove | null {
  const found = placeCall(context, call);
  if (!found || found.access === 'select' || /^[A-Z]|^$/.test(found.place.name)) return null;
  const parameter = context.tree.parameters.findIndex(({ name }) => name === found.place.name);
  return {
    form: 'field',
    kind: found.place.kind,
    place: null,
    access: found.access,
    parameter: parameter < 0 ? null : parameter,
    offset: call.start,
    text: found.place.name,
  };
}

/** The address of a register's place that a function is given which is not known to do no more than a read or a write. */
function givenAddress(context: FunctionContext, address: CNode): OpaqueMove | null {
  const call = address.parent?.type === 'argument_list' ? address.parent.parent : null;
  if (call?.type !== 'call_expression' || isKnownAccess(context, call)) return null;
  const place = placeOf(context, address);
  if (!place || !isRegisters(context, place)) return null;
  return { ...NOTHING_TOLD, ...written(context, address), form: 'address', kind: place.kind, place };
}

function isKnownAccess(context: FunctionContext, call: CNode): boolean {
  return /^mem(?:cpy|move|set|cmp)$/.test(calleeName(context, call)) || objectAccess(context, call) !== null;
}

/** A copy of a register that KVM keeps, or a field of a save area. */
function isRegisters(context: FunctionContext, { kind, register }: Place): boolean {
  return kind === 'cache' ? register !== null : placesOf(context).kinds.get(kind)?.role === 'save-area';
}

/** What is counted from the beginning of a save area: `(void *)&vmcb->save + offset`. */
function countedMember(context: FunctionContext, address: CNode): OpaqueMove | null {
  const above = withCasts(address).parent;
  const area = child(address, 'argument');
  if (above?.type !== 'binary_expression' || child(above, 'operator')?.type !== '+' || !area) return null;
  const kind = placesOf(context).structs.get(structOf(context, bareExpression(area)) ?? '')?.kind;
  if (kind === undefined || placesOf(context).kinds.get(kind)?.role !== 'save-area') return null;
  return { ...NOTHING_TOLD, ...written(context, above), form: 'member', kind };
}

function written(context: FunctionContext, node: CNode): Pick<OpaqueMove, 'offset' | 'text'> {
  return { offset: node.start, text: writtenText(context, node) };
}

const NOTHING_TOLD = { place: null, access: 'either', parameter: null } as const;
