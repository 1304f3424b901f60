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

/** The static calls that a file gives functions to, as tables of one operation: `static_call(NAME)(...)` may reach each of them. */
export const staticCallTables = memoizeByIdentity(
  ({ code }: SourceOutline): readonly OpsTable[] =>
    Array.from(code.matchAll(GIVEN), ({ index, 0: text, 1: name = '', 2: given = '' }): OpsTable => {
      const offset = index + text.indexOf(name);
      const entry = { member: name, function: given, offset, conditions: [] };
      return { name, struct: STATIC_CALL, offset, entries: [entry], handlers: [], mentions: [given] };
    }),
  keptTable('staticCallTables'),
);
