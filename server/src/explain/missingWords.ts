import type { MissingPart } from '../model/egpr/missingParts.js';
import type { Words } from './words.js';

/** What a series on R16-R31 lacks, in a few words. */
export function missingText(words: Words, part: MissingPart): string {
  switch (part.kind) {
    case 'not-begun':
      return 'guests may enable APX, but KVM reads and writes it nowhere';
    case 'no-slot':
      return `${part.function} moves it to or from memory, but the register enum has no slot for it`;
    case 'loaded-elsewhere':
      return `loaded into hardware by ${part.function}, but not before VM-entry`;
    case 'stored-elsewhere':
      return `stored to the cache by ${part.function}, but not after VM-exit`;
    case 'never-loaded':
      return 'stored but never loaded';
    case 'never-stored':
      return 'loaded but never stored';
    case 'never-read':
      return 'written but never read';
    case 'never-written':
      return 'read but never written';
    case 'no-xcr0-test':
      // A transfer's `load` fills the cache.
      return part.only === null
        ? `no test in or before ${part.function} that the guest's XCR0 has APX`
        : `no test before ${part.function} ${part.only === 'load' ? 'stores' : 'loads'} it that the guest's XCR0 has APX`;
    case 'not-called':
      return `nothing calls ${part.functions.join(' and ')} on the way to VM-entry`;
    case 'no-path':
      return part.isOpen === null
        ? `no path on ${words.backend(part.backend)}, whose guests may need one: whether they can enable APX is not known`
        : `no path on ${words.backend(part.backend)}`;
    case 'never-moved':
      return 'declared but never loaded or stored';
    case 'not-locked':
      return `${part.function} runs without the FPU registers locked`;
    case 'idle':
      return `nothing calls ${part.function}`;
    case 'no-userspace':
      return 'no userspace path';
    case 'userspace-unknown':
      return `whether userspace gets and sets them is not known: ${part.function} ${part.isGivenSlots ? 'is given the address of their slots' : 'copies them to or from memory that is not known'}`;
    case 'never-given':
      return 'set by userspace but never given to it';
    case 'never-set':
      return 'given to userspace but never set by it';
    case 'flag-not-set':
      return `${part.flag} is tested but never set`;
    case 'no-component':
      return 'no APX component in the FPU core';
    case 'not-enabled':
      return `guests can't enable APX: not in ${part.mask}`;
  }
}
