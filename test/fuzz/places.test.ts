import { expect, it } from 'vitest';
import { placesOutside } from './places.js';

const tree = { root: '/tree', kernel: null, files: [{ path: 'a.c', text: 'one\ntwo\n' }], problems: [] };

it('finds the places in answers that no text has', () => {
  const inside = [
    { file: 'a.c', line: 1 },
    { file: 'a.c', line: 2, column: 4 },
  ];
  const outside = [
    { file: 'a.c', line: 2, column: 5 },
    { file: 'a.c', line: 4 },
    { file: 'b.c', line: 1 },
  ];
  expect(placesOutside(tree, { inside, deep: { outside } })).toEqual(['a.c:2:5', 'a.c:4:1', 'b.c:1:1']);
});
