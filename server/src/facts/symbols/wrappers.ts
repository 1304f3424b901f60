import type { FunctionSource } from '../source/functionSource.js';
import { argumentsOf, calleeName, type FunctionContext } from '../source/expressions.js';
import { accessOf } from '../source/objectAccess.js';
import { accessorCall, cacheField } from '../registers/cacheExpressions.js';
import type { TreeReader } from '../source/functionTree.js';
import type { SourceOutline } from '../source/sourceOutline.js';
import { functionsNamingAny, MOST_ROUNDS } from '../source/treeSearch.js';
import { treeFindings } from './keptFindings.js';
import type { TreeSymbols, Wrapper } from './treeSymbols.js';

/** Short functions of a vCPU, in the files that have accessors, that are built on accessors or on the cache's fields. */
export function wrapperFunctions(
  read: TreeReader,
  outlines: readonly SourceOutline[],
  symbols: TreeSymbols,
): Map<string, Wrapper> {
  const homes = new Set(
    [...symbols.accessors.values()].map((accessor) => accessor.file).filter((file) => file.endsWith('.h')),
  );
  const words = [...symbols.accessors.keys(), ...symbols.fields.keys()];
  const found = new Map<string, Wrapper>();
  const known = { ...symbols, wrappers: found };
  let wanted: readonly string[] = words;
  for (let round = 0; round < MOST_ROUNDS && wanted.length > 0; round++) {
    const isWanted = ({ name }: FunctionSource) => !found.has(name) && !symbols.accessors.has(name);
    const fresh: string[] = [];
    const files = outlines.filter((file) => homes.has(file.source.path));
    for (const { source, name, file, offset } of functionsNamingAny(files, wanted, isWanted)) {
      const uses = usesIn({ read, symbols: known }, source).find((some) => some.length > 0);
      if (!uses || found.has(name)) continue;
      found.set(name, { name, uses, file, offset });
      fresh.push(name);
    }
    wanted = fresh;
  }
  return found;
}

const usesIn = treeFindings('wrappedUses', wrappedUses);

function wrappedUses(context: FunctionContext): Wrapper['uses'] {
  const uses = new Map<string, Wrapper['uses'][number]>();
  const add = ({ member, kind, width }: Wrapper['uses'][number]) =>
    uses.set(`${member} ${kind}`, { member, kind, width });
  for (const node of context.tree.nodes) {
    const accessor = accessorCall(context, node);
    if (accessor) add(accessor);
    const field = node.type === 'field_expression' ? cacheField(context, node) : null;
    if (field) add({ member: field.member, kind: accessOf(context, node) === 'write' ? 'write' : 'read', width: 64 });
    if (node.type === 'call_expression' && argumentsOf(node).length > 0) {
      for (const use of context.symbols.wrappers.get(calleeName(context, node))?.uses ?? []) add(use);
    }
  }
  return [...uses.values()];
}
