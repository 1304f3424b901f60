import { expect, test } from 'vitest';
import { locationArguments, placeArguments } from '../../client/src/commandArguments.js';

const uri = 'file:///linux/arch/x86/kvm/x86.c';
const position = { line: 2, character: 4 };
const location = { uri, range: { start: position, end: position } };

test("a lens's arguments are a place and locations", () => {
  expect(placeArguments([uri, position, [location]])).toEqual({ uri, position });
  expect(locationArguments([uri, position, [location, location]])).toEqual([location, location]);
});

test("a menu's arguments, and none, are no place", () => {
  for (const args of [
    [],
    [{ scheme: 'file', path: '/a.c' }, { groupId: 0 }],
    [uri],
    [uri, 3],
    [uri, { line: 1 }],
    [null, null],
  ]) {
    expect(placeArguments(args)).toBeNull();
  }
});

test('what is no location is left out', () => {
  const wrong = [null, {}, { uri }, { uri, range: {} }, { uri: 1, range: location.range }];
  expect(locationArguments([uri, position, [...wrong, location]])).toEqual([location]);
  expect(locationArguments([uri, position])).toEqual([]);
});
