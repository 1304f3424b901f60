import { UNKNOWN_PLACE, type Place } from '../../backends/place.js';
import type { VmcbOrigin } from './vmcbs.js';

/** A member of a VMCB as a place: `save.rax` of the one that `origin` says. */
export function vmcbPlace(name: string, origin: VmcbOrigin): Place {
  const base = { name, register: null };
  switch (origin.kind) {
    case 'run':
      return { ...base, kind: 'vmcb', ...(origin.which === null ? {} : { which: origin.which }) };
    case 'parameter':
      return { ...base, kind: 'vmcb', parameter: origin.index };
    case 'other':
      return origin.name === 'vmsa'
        ? { ...base, kind: 'vmsa' }
        : { ...base, kind: 'nested', name: `${origin.name}.${name}` };
    case 'unknown':
      return { ...base, kind: UNKNOWN_PLACE };
  }
}
