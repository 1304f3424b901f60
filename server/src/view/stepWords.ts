import { registerNames } from '../syntax/x86/registerNames.js';
import type { PlaceView } from './transferView.js';
import type { RunStep } from './runStep.js';

/** What a step does, in words: `RCX RDX: register cache -> hardware, __vmx_vcpu_run`. */
export function stepText(step: RunStep): string {
  const { kind, what, function: fn } = step;
  const registers = registerNames(step.registers);
  switch (kind) {
    case 'move':
      return `${registers}: ${wayText(step)}, ${fn}`;
    case 'enter':
      return `${what}, ${fn}${itself('loads', step)}`;
    case 'exit':
      return `${what}${itself('saves', step)}`;
    case 'invalidate':
      return `the cache forgets ${registers === '' ? 'registers that are not known' : registers}: ${what === '' ? '' : `${what}, `}${fn}`;
    case 'clean':
      return `no register is dirty any more: ${fn}`;
    case 'handle':
      return `the exit is handled: ${what}`;
    case 'fetch':
      return `when needed, ${registers}: ${wayText(step)}, ${fn}`;
  }
}

function itself(verb: string, { registers, from, to }: RunStep): string {
  if (registers.length === 0 || !from || !to) return '';
  const [area, preposition] = verb === 'loads' ? [from, 'from'] : [to, 'to'];
  return `: hardware ${verb} ${registerNames(registers)} ${preposition} the ${area.title}`;
}

/** `register cache -> VMCS`. */
export function wayText({ from, to }: Pick<RunStep, 'from' | 'to'>): string {
  return `${placeText(from) || 'a value'} -> ${placeText(to) || 'its caller'}`;
}

function placeText(place: PlaceView | null): string {
  if (!place) return '';
  return place.block === '' ? place.title : `${place.title} ${place.block}`;
}
