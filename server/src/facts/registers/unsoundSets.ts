import type { MacroDefinition } from '../../syntax/preprocessor/directives.js';
import type { Problem } from '../../syntax/text/sourceText.js';
import type { Token } from '../../syntax/text/tokens.js';
import type { TreeSymbols } from '../symbols/treeSymbols.js';
import { isReserved, isTypeWord } from '../../syntax/c/reservedWords.js';
import { BIT_MACRO, bitNumbers, expandedMask } from './registerBits.js';
import { memberWritten } from './registerFile.js';

/** Whether a word is the name of a macro that makes a mask of a bit, but for its last character. */
function isHalfMaker(word: string): boolean {
  return BIT_MACRO.test(word.slice(0, -1)) || ['L', 'T'].some((last) => BIT_MACRO.test(word + last));
}

/** What is wrong with a macro that is a set of registers: a bit of nothing, a name that is half typed. */
export function unsoundSet(macro: MacroDefinition, symbols: TreeSymbols): Problem[] {
  if (macro.parameters !== null || !symbols.registerMacros.has(macro.name)) return [];
  const tokens = expandedMask(macro.body, symbols);
  const isRegister = ({ text }: Token) => memberWritten(symbols.registers, text) !== undefined;
  if (!bitNumbers(tokens).some(isRegister)) return [];
  const unsound = tokens.find((token, i) => {
    if (token.kind !== 'word') return false;
    if (BIT_MACRO.test(token.text)) return tokens[i + 1]?.text !== '(' || tokens[i + 2]?.text === ')';
    const isCalled = tokens[i + 1]?.text === '(';
    if (isRegister(token)) return isCalled;
    if (isTypeWord(token.text) || isReserved(token.text)) return true;
    if (isCalled && !symbols.macros.has(token.text)) return isHalfMaker(token.text);
    return !symbols.macros.has(token.text) && !symbols.isDeclared(token.text) && symbols.isHalfDeclared(token.text);
  });
  return unsound ? [{ offset: macro.start, message: `${macro.name}: ${unsound.text} is no register's bit` }] : [];
}
