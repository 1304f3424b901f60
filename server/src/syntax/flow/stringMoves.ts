import { constantForm } from '../assembler/expression.js';
import { readWord, setRegister, valuesIn } from './machineState.js';
import { constant, placeAt, union, type OriginSet } from './origin.js';

import { addedTo } from './arithmetic.js';
import { isOnStack, onlyNumber, readStack, writePlace } from './operands.js';
import { type Step, addAccess, addDoubt } from './step.js';

/** Words that one `rep movs` copies at the most. */
const MOST_WORDS = 64;

/** `movs`, `stos` and `lods`, with `rep` as often as RCX says (SDM volume 2B); upwards, as the kernel has DF. */
export function copyWords(step: Step): void {
  const { instruction, state, doubt, wordSize, node } = step;
  const { mnemonic, prefixes } = instruction;
  const isRepeated = prefixes.some((prefix) => prefix.startsWith('rep'));
  const size = { b: 1, w: 2, l: 4, q: 8 }[mnemonic.at(-1) ?? ''] ?? wordSize;
  const count = isRepeated ? onlyNumber(valuesIn(state, 'RCX', doubt)) : 1;
  const [isFrom, isTo] = [!mnemonic.startsWith('stos'), !mnemonic.startsWith('lods')];
  if (count === null || count > MOST_WORDS || size !== wordSize) {
    addDoubt(step, 'memory');
  } else {
    for (let i = 0; i < count; i++) {
      const values = isFrom ? readAt('RSI', i * size, step) : valuesIn(state, 'RAX', doubt);
      if (isTo) writeAt('RDI', i * size, values, step);
      else setRegister(state, 'RAX', values, node);
    }
  }
  const moved = count === null ? null : constantForm(count * size);
  if (isFrom) setRegister(state, 'RSI', addedTo(valuesIn(state, 'RSI', doubt), moved, step), node);
  if (isTo) setRegister(state, 'RDI', addedTo(valuesIn(state, 'RDI', doubt), moved, step), node);
  if (isRepeated) setRegister(state, 'RCX', [constant(0)], node);
}

function readAt(register: string, offset: number, step: Step): OriginSet {
  return valuesIn(step.state, register, step.doubt).reduce<OriginSet>((values, address) => {
    const place = placeAt(address, constantForm(offset));
    if (isOnStack(place)) return union(values, readStack(place, step), step.doubt);
    addAccess(step, { direction: 'load', place, memory: null, register: null, values: [] });
    return union(values, readWord(step.state, place, step), step.doubt);
  }, []);
}

function writeAt(register: string, offset: number, values: OriginSet, step: Step): void {
  const addresses = valuesIn(step.state, register, step.doubt);
  for (const address of addresses) {
    const place = placeAt(address, constantForm(offset));
    writePlace(place, { operand: null, values, from: null, isOnly: addresses.length === 1 }, step);
  }
}
