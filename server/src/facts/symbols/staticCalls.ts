import { keptTable } from '../../cache/keptTables.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import type { SourceOutline } from '../source/sourceOutline.js';
import type { OpsTable } from './opsTables.js';

/** What stands for the struct of a table that a static call is. */
export const STATIC_CALL = 'static_call_key';

/** What gives a static call another function than it is defined with (linux/static_call.h). */
export const STATIC_CALL_UPDATE = 'static_call_update';

/** A static call is given a function: where it is defined, or when it is updated (linux/static_call.h). */
const GIVEN = /\b(?:DEFINE_STATIC_CALL\w*|static_call_update)\s*\(\s*(\w+)\s*,\s*(?:&\s*)?(\w+)\s*\)/g;

/** One that is defined to do nothing at first: the function is there for its type. */
const FOR_TYPE = /^DEFINE_STATIC_CALL_(?:NULL|RET0)/;

/**
 * The static calls that a file gives functions to, as tables of one operation: `static_call(NAME)(...)` may reach each of them.
 * What is named for its type counts where no update gives it.
 */
export const staticCallTables = memoizeByIdentity(({ code }: SourceOutline): readonly OpsTable[] => {
  const all = Array.from(code.matchAll(GIVEN), ({ index, 0: text, 1: name = '', 2: given = '' }) => ({
    text,
    name,
    given,
    offset: index + text.indexOf(name),
  }));
  const isUpdated = (one: (typeof all)[number]) =>
    all.some(({ text, name, given }) => !FOR_TYPE.test(text) && name === one.name && given === one.given);
  return all
    .filter((one) => !FOR_TYPE.test(one.text) || !isUpdated(one))
    .map(({ name, given, offset }): OpsTable => {
      const entry = { member: name, function: given, offset, conditions: [] };
      return { name, struct: STATIC_CALL, offset, entries: [entry], handlers: [], mentions: [given] };
    });
}, keptTable('staticCallTables'));
