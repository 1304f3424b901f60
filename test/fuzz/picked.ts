/** One of several things, chosen by a number of any size. Throws where there are none. */
export function picked<Item>(items: readonly Item[], number: number): Item {
  const item = items[number % items.length];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}
