import type { OutlineItem } from '../syntax/outline.js';
import { accessOf } from './access.js';
import { accessorCall, argumentsOf, cacheField, calleeName, type Reading } from './expressions.js';
import type { TreeReader } from './functionTree.js';
import type { SourceOutline } from './sourceOutline.js';
import { MOST_ROUNDS, treesNaming } from './treeSearch.js';
import type { Vocabulary, Wrapper } from './vocabulary.js';

/** Short functions of a vCPU, in the files that have accessors, that are built on accessors or on the cache's fields. */
export function wrapperFunctions(
  read: TreeReader,
  outlines: readonly SourceOutline[],
  vocabulary: Vocabulary,
): Map<string, Wrapper> {
  const homes = new Set(
    [...vocabulary.accessors.values()].map((accessor) => accessor.file).filter((file) => file.endsWith('.h')),
  );
  const words = [...vocabulary.accessors.keys(), ...vocabulary.fields.keys()];
  const found = new Map<string, Wrapper>();
  let wanted: readonly string[] = words;
  for (let round = 0; round < MOST_ROUNDS && wanted.length > 0; round++) {
    const isWanted = (item: OutlineItem) => !found.has(item.name) && !vocabulary.accessors.has(item.name);
    const fresh: string[] = [];
    const files = outlines.filter((file) => homes.has(file.source.path));
    for (const tree of treesNaming(read, files, wanted, isWanted)) {
      const uses = wrappedUses({ tree, vocabulary: { ...vocabulary, wrappers: found } });
      if (uses.length === 0 || found.has(tree.item.name)) continue;
      found.set(tree.item.name, {
        name: tree.item.name,
        uses,
        file: tree.file.source.path,
        offset: tree.item.nameStart,
      });
      fresh.push(tree.item.name);
    }
    wanted = fresh;
  }
  return found;
}

function wrappedUses(reading: Reading): Wrapper['uses'] {
  const uses = new Map<string, Wrapper['uses'][number]>();
  const add = ({ member, kind, width }: Wrapper['uses'][number]) =>
    uses.set(`${member} ${kind}`, { member, kind, width });
  for (const node of reading.tree.nodes) {
    const accessor = accessorCall(reading, node);
    if (accessor) add(accessor);
    const field = node.type === 'field_expression' ? cacheField(reading, node) : null;
    if (field) add({ member: field.member, kind: accessOf(node) === 'write' ? 'write' : 'read', width: 64 });
    if (node.type === 'call_expression' && argumentsOf(node).length > 0) {
      for (const use of reading.vocabulary.wrappers.get(calleeName(reading, node))?.uses ?? []) add(use);
    }
  }
  return [...uses.values()];
}
