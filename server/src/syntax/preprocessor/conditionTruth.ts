import { tokenize, type Token } from '../text/tokens.js';

/** Whether a name is defined, as far as one knows; null where one does not. */
type KnownName = (name: string) => boolean | null;

/** 8 for a 64-bit kernel, 4 for a 32-bit one. */
export type WordSize = 4 | 8;

/** What names say which of the two x86 kernels is built, and that the assembler reads the text. */
const ONLY_64_BIT = new Set(['CONFIG_X86_64', 'CONFIG_64BIT', '__x86_64__']);
const ONLY_32_BIT = new Set(['CONFIG_X86_32', '__i386__']);
const ALWAYS = new Set(['__ASSEMBLER__', '__ASSEMBLY__', '__KERNEL__']);

/** What the word size and the conditions around a place say of a name. */
export function knownNames(wordSize: WordSize, around: readonly string[] = []): KnownName {
  return (name) => {
    if (around.includes(name)) return true;
    if (around.includes(`!${name}`)) return false;
    if (ONLY_64_BIT.has(name)) return wordSize === 8;
    if (ONLY_32_BIT.has(name)) return wordSize === 4;
    return ALWAYS.has(name) ? true : null;
  };
}

/** Whether all the conditions hold: false when one is known not to, null when that is not known. */
export function conditionsHold(conditions: readonly string[], known: KnownName): boolean | null {
  let result: boolean | null = true;
  for (const condition of conditions) {
    const truth = conditionTruth(condition, known);
    if (truth === false) return false;
    if (truth === null) result = null;
  }
  return result;
}

/** Whether an `#if` condition holds. A bare name stands for `defined(name)`, as `conditionsAt` writes it. */
export function conditionTruth(condition: string, known: KnownName): boolean | null {
  const reader = { tokens: tokenize(condition), at: 0, known };
  const truth = either(reader);
  return reader.at === reader.tokens.length ? truth : null;
}

interface Reader {
  readonly tokens: readonly Token[];
  at: number;
  readonly known: KnownName;
}

function takes(reader: Reader, text: string): boolean {
  if (reader.tokens[reader.at]?.text !== text) return false;
  reader.at++;
  return true;
}

function either(reader: Reader): boolean | null {
  let truth = both(reader);
  while (takes(reader, '||')) {
    const right = both(reader);
    truth = truth === true || right === true ? true : truth === null || right === null ? null : false;
  }
  return truth;
}

function both(reader: Reader): boolean | null {
  let truth = one(reader);
  while (takes(reader, '&&')) {
    const right = one(reader);
    truth = truth === false || right === false ? false : truth === null || right === null ? null : true;
  }
  return truth;
}

function one(reader: Reader): boolean | null {
  let negations = 0;
  while (takes(reader, '!')) negations++;
  const truth = atom(reader);
  return truth !== null && negations % 2 === 1 ? !truth : truth;
}

function atom(reader: Reader): boolean | null {
  if (takes(reader, '(')) {
    const truth = either(reader);
    takes(reader, ')');
    return truth;
  }
  const token = reader.tokens[reader.at++];
  if (token?.kind === 'number') return Number(token.text) !== 0;
  if (token?.kind !== 'word') return null;
  if (!/^(?:defined|IS_ENABLED|IS_BUILTIN)$/.test(token.text)) return reader.known(token.text);
  const isBracketed = takes(reader, '(');
  const name = reader.tokens[reader.at++];
  if (isBracketed) takes(reader, ')');
  return name ? reader.known(name.text) : null;
}
