import type { AsmToken } from './asmToken.js';
import { splitAt } from '../text/brackets.js';

/** The section of the exception table: pairs of addresses, of an instruction that may fault and of the code to go on with. */
export const EXCEPTION_TABLE = '__ex_table';

/**
 * The two addresses of an entry in the exception table, `_ASM_EXTABLE(from, to)`, of glued tokens: for trees that lack the
 * kernel's asm/asm.h. null for any other statement.
 */
export function readExceptionEntry([name, open, ...rest]: readonly AsmToken[]): (readonly AsmToken[])[] | null {
  if (!name || open?.text !== '(' || !/^_ASM_EXTABLE(?:_\w+)?$/.test(name.text)) return null;
  const addresses = splitAt(rest.slice(0, -1), ',').slice(0, 2);
  return addresses.length === 2 ? addresses : null;
}
