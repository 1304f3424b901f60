import type { OutlineItem } from '../syntax/outline.js';
import { MEMBER_TYPES, placeFunction, STRUCT_PLACES } from './places.js';
import { AVAILABLE_BITMAP, CACHE_ARRAY, DIRTY_BITMAP, EMULATOR_ARRAY, type Vocabulary } from './vocabulary.js';

const CACHE_WORDS = [CACHE_ARRAY, EMULATOR_ARRAY, AVAILABLE_BITMAP, DIRTY_BITMAP];

/** Whether a function says anything of registers, so that it is worth a parse. Told by its words alone. */
export function wantsParsing(item: OutlineItem, vocabulary: Vocabulary): boolean {
  if (vocabulary.extended.movers.has(item.name)) return true;
  for (const word of item.words.keys()) {
    if (matters(word, vocabulary)) return true;
  }
  return CACHE_WORDS.some((word) => item.words.has(word));
}

function matters(word: string, vocabulary: Vocabulary): boolean {
  return (
    vocabulary.registers.byName.has(word) ||
    vocabulary.accessors.has(word) ||
    vocabulary.indexed.has(word) ||
    vocabulary.fields.has(word) ||
    vocabulary.wrappers.has(word) ||
    vocabulary.switches.has(word) ||
    vocabulary.extended.flags.has(word) ||
    vocabulary.extended.macros.has(word) ||
    STRUCT_PLACES.has(word) ||
    MEMBER_TYPES.has(word) ||
    placeFunction(word) !== null
  );
}
