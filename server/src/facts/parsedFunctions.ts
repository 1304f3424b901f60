import type { FunctionSource } from './source/functionSource.js';
import { STATIC_CALL_UPDATE } from './symbols/staticCalls.js';
import type { FactSymbols } from './symbols/wordRoles.js';

/** Whether a function says anything of registers or XSAVE state, so that it is worth a parse. Its words alone decide. */
export function wantsParsing({ name, words }: FunctionSource, symbols: FactSymbols): boolean {
  const { egpr, stateFunctions } = symbols;
  if ([egpr.movers, egpr.flagCallers, stateFunctions].some((functions) => functions.has(name))) return true;
  if (words.has(STATIC_CALL_UPDATE) && [...egpr.movers].some((mover) => words.has(mover))) return true;
  for (const word of words.keys()) if (symbols.roleOf(word).isTelling) return true;
  return false;
}
