import type { Place } from '../../backends/place.js';
import { placeTables } from '../../backends/registry.js';
import { child, type CNode } from '../../syntax/c/cTree.js';
import { textOf, type FunctionContext } from '../source/expressions.js';
import { structTag } from '../source/functionTree.js';

/** A member of a struct that is made, and the value that it gets. */
interface InitializedPlace {
  readonly to: Place;
  readonly value: CNode;
}

/**
 * The place that a designated initialiser gives a value: `.r10 = value` of `(struct tdx_module_args){ ... }`. null for any other
 * node, and for a save area that is made so: it is none that a guest runs on.
 */
export function initializedPlace(context: FunctionContext, node: CNode): InitializedPlace | null {
  const [designator, value] = [child(node, 'designator'), child(node, 'value')];
  if (node.type !== 'initializer_pair' || designator?.type !== 'field_designator' || !value) return null;
  const type = typeOfList(node.parent);
  const { structs, kinds } = placeTables(context.symbols.backends);
  const struct = type ? structs.get(structTag(textOf(context, type))) : undefined;
  if (!struct || kinds.get(struct.kind)?.role === 'save-area') return null;
  const name = struct.prefix + textOf(context, designator).replace(/^\.\s*/, '');
  return { to: { kind: struct.kind, name, register: null }, value };
}

/** The type of what an initialiser's list makes: a compound literal's, or the declared variable's; undefined for a list in another. */
function typeOfList(list: CNode | null): CNode | undefined {
  const maker = list?.parent;
  if (maker?.type === 'compound_literal_expression') return child(maker, 'type');
  return maker?.type === 'init_declarator' && maker.parent ? child(maker.parent, 'type') : undefined;
}
