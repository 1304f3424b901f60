import type { FunctionSource } from './source/functionSource.js';
import type { FactSymbols } from './symbols/wordRoles.js';

/** Whether a function says anything of registers or XSAVE state, so that it is worth a parse. Its words alone decide. */
export function wantsParsing({ name, words }: FunctionSource, symbols: FactSymbols): boolean {
  const { egpr, stateFunctions } = symbols;
  if ([egpr.movers, egpr.flagCallers, stateFunctions].some((functions) => functions.has(name))) return true;
  for (const word of words.keys()) if (symbols.roleOf(word).isTelling) return true;
  return false;
}
