import { addForms, constantForm } from '../assembler/expression.js';
import type { AsmOperand } from '../assembler/operand.js';
import { setRegister, valuesIn } from './machineState.js';
import { unknownFor, type OriginSet, type Place } from './origin.js';

import { isXmm, placesOf, upperHalf, valuesAtPlaces, vectorRegister, writePlace } from './operands.js';
import { type Step } from './step.js';
import { applyUsualEffect } from './usualEffect.js';

/** In bytes, of a word that an XMM register holds two of. */
const HALF = 8;

/** A move of 16 bytes to, from or between XMM registers, as two words. */
export function movePair(step: Step): void {
  const [from, to, ...more] = step.instruction.operands;
  const isPair = (operand: AsmOperand | undefined) => operand?.kind === 'memory' || isXmm(operand);
  if (!isPair(from) || !isPair(to) || more.length > 0) {
    applyUsualEffect(step);
    return;
  }
  const [low, high] = [readHalf(from, 0, step), readHalf(from, HALF, step)];
  writeHalf(to, 0, low, step);
  writeHalf(to, HALF, high, step);
}

function readHalf(operand: AsmOperand | undefined, offset: number, step: Step): OriginSet {
  const { state, doubt } = step;
  if (isXmm(operand)) return valuesIn(state, offset === 0 ? operand.name : upperHalf(operand.name), doubt);
  if (operand?.kind !== 'memory') return [unknownFor(doubt)];
  return valuesAtPlaces(
    placesOf(operand, step).map((place) => movedBy(place, offset)),
    step,
    { operand, by: null },
  );
}

function writeHalf(operand: AsmOperand | undefined, offset: number, values: OriginSet, step: Step): void {
  if (isXmm(operand)) {
    setRegister(step.state, offset === 0 ? operand.name : upperHalf(operand.name), values, step.node);
  } else if (operand?.kind === 'memory') {
    const places = placesOf(operand, step).map((place) => movedBy(place, offset));
    for (const place of places)
      writePlace(place, { operand, values, from: vectorRegister(step), isOnly: places.length === 1 }, step);
  }
}

function movedBy({ base, displacement }: Place, offset: number): Place {
  return { base, displacement: displacement && addForms(displacement, constantForm(offset)) };
}
