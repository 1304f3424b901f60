import { UNKNOWN_PLACE, type Place, type PlaceFunction, type PlaceKind } from '../../backends/place.js';
import { placeTables } from '../../backends/registry.js';
import { child, type CNode } from '../../syntax/c/cTree.js';
import {
  argumentsOf,
  bareExpression,
  calleeName,
  onlyDefinition,
  rootOf,
  textOf,
  type FunctionContext,
} from '../source/expressions.js';
import { holdsVcpu, structOf } from '../source/expressionTypes.js';
import { reachingDefinitions } from '../source/reachingDefinitions.js';

/** A call that reads or writes a field of hardware's. */
interface PlaceCall {
  readonly access: PlaceFunction['access'];
  readonly place: Place;
  /** What is written; null where nothing is. */
  readonly value: CNode | null;
}

/** What a call of a hardware accessor does (`vmcs_writel(GUEST_RSP, value)`); null for any other call. */
export function placeCall(context: FunctionContext, call: CNode): PlaceCall | null {
  const accessor = placeTables(context.symbols.backends).functionNamed(calleeName(context, call));
  if (!accessor) return null;
  const { kind, access } = accessor;
  const { field, value, others } = rolesOf(context, accessor, argumentsOf(call));
  const name = typeof field === 'string' ? field : field ? fieldName(context, field) : '';
  const isForeign = others.some((other) => isForeignArea(context, other));
  return { access, place: { kind: isForeign ? UNKNOWN_PLACE : kind, name, register: null }, value };
}

/** A call from which on accessors reach another control structure. */
export interface AreaChange {
  readonly kind: PlaceKind;
  /** Of the call. */
  readonly offset: number;
  /** The structure is not known to be one that the vCPU runs on. */
  readonly isForeign: boolean;
}

/** The calls of a function that make another control structure current. */
export function areaChanges(context: FunctionContext): AreaChange[] {
  const { functionNamed } = placeTables(context.symbols.backends);
  return context.tree.nodes.flatMap((node): AreaChange[] => {
    if (node.type !== 'call_expression' || context.tree.isRepeated(node.start)) return [];
    const accessor = functionNamed(calleeName(context, node));
    const [area] = argumentsOf(node);
    if (accessor?.access !== 'select' || !area) return [];
    return [{ kind: accessor.kind, offset: node.start, isForeign: isForeignArea(context, area) }];
  });
}

/** What the arguments of an accessor's call are. */
interface Roles {
  readonly field: CNode | string | undefined;
  readonly value: CNode | null;
  /** The rest, but for a vCPU: what may say whose field it is. */
  readonly others: readonly CNode[];
}

/** A field that its name tells may stand at any argument, with the value behind it; else the places of the arguments tell. */
function rolesOf(context: FunctionContext, accessor: PlaceFunction, all: readonly CNode[]): Roles {
  const given = all.filter((argument) => !holdsVcpu(context, argument));
  const { field, value: valueAt, fieldNames } = accessor;
  if (typeof field === 'string')
    return { field, value: valueAt === null ? null : (given[valueAt] ?? null), others: [] };
  const at = fieldNames ? given.findIndex((argument) => fieldNames.test(constantText(context, argument))) : -1;
  if (at < 0) return { field: given[field], value: valueAt === null ? null : (given[valueAt] ?? null), others: [] };
  const value = valueAt === null ? undefined : (given[at + 1] ?? given[at - 1]);
  const others = given.filter((argument, i) => i !== at && argument !== value);
  return { field: given[at], value: value ?? null, others };
}

/** An expression without brackets and casts; of a local variable that never changes, its constant. */
function constantText(context: FunctionContext, argument: CNode): string {
  const text = textOf(context, bareExpression(argument));
  const only = bareExpression(argument).type === 'identifier' ? onlyDefinition(context, text) : null;
  const value = only ? textOf(context, bareExpression(only)) : '';
  return isConstant(value) ? value : text;
}

/** Whether an expression has a constant's name. */
function isConstant(expression: string): boolean {
  return /^[A-Z][A-Z0-9_]*$/.test(expression);
}

/** The field that an argument names; through a local pointer, what that points to (`sf->base`). */
function fieldName(context: FunctionContext, argument: CNode): string {
  const [base, member] = [child(argument, 'argument'), child(argument, 'field')];
  const pointed = base?.type === 'identifier' ? onlyDefinition(context, textOf(context, base)) : null;
  const target =
    pointed && bareExpression(pointed).type === 'pointer_expression'
      ? child(bareExpression(pointed), 'argument')
      : undefined;
  const text =
    member && target ? `${textOf(context, target)}.${textOf(context, member)}` : constantText(context, argument);
  return text.replace(/\s+/g, ' ');
}

/** Whether an argument is a control structure that is not known to be one which the vCPU runs on. */
export function isForeignArea(context: FunctionContext, argument: CNode, depth = 0): boolean {
  const root = rootOf(argument);
  if (holdsVcpu(context, root)) return OTHER_VMCS.test(textOf(context, argument));
  if (structOf(context, argument) === '') return false;
  if (root.type !== 'identifier') return root.type === 'call_expression';
  const [only, another] = reachingDefinitions(context.tree, root).found;
  if (only && !another && depth < MOST_POINTERS) return isForeignArea(context, only.value, depth + 1);
  return !isConstant(textOf(context, root));
}

/** How far a pointer is followed through local variables. */
const MOST_POINTERS = 3;

/** Members of a vCPU that are a VMCS which no guest of its runs on: shadow VMCS (SDM vol. 3, 25.10), L1's for L2. */
const OTHER_VMCS = /shadow|vmcs12/;
