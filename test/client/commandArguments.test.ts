import { expect, test } from 'vitest';
import { locationArguments, pageMessage, placeArguments } from '../../client/src/commandArguments.js';

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

test("the map's page says which register or which line is wanted, and what else it says is nothing", () => {
  expect(pageMessage({ type: 'register', register: 'RSP', more: 1 })).toEqual({ type: 'register', register: 'RSP' });
  expect(pageMessage({ type: 'open', url: 'file:///a.c#L1' })).toEqual({ type: 'open', url: 'file:///a.c#L1' });
  expect(pageMessage({ type: 'run', backend: 'vmx' })).toEqual({ type: 'run', backend: 'vmx' });
  for (const value of [null, 'open', {}, { type: 'open' }, { type: 'register', register: 1 }, { type: 'run', url: '' }])
    expect(pageMessage(value)).toBeNull();
});
