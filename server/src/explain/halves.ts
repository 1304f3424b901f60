import type { Phase } from '../backends/phase.js';

/**
 * What is done around a run of the guest, parted where it has both sides: what is done before VM-entry, then all else. One part where it
 * has not.
 */
export function halvesOf<Item>(items: readonly Item[], phaseOf: (item: Item) => Phase): readonly (readonly Item[])[] {
  const isEntry = (item: Item) => phaseOf(item) === 'vm-entry';
  const hasBoth = items.some(isEntry) && items.some((item) => phaseOf(item) === 'vm-exit');
  return hasBoth ? [items.filter(isEntry), items.filter((item) => !isEntry(item))] : [items];
}
