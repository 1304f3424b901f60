import type { Span } from '../syntax/text/sourceText.js';
import { isBalanced } from './balanced.js';
import { code, type Phrase } from './explanation.js';

/** Characters of an expression that the first line has room for. */
const LONGEST = 40;

/** Characters around a member in which it shows what is done with it. */
const NEAR = 200;

/** What the statement does with the member that it names: `; written here with val`, `; read here to tss->ip`, `; handed here to __set_bit`; nothing for any other use. */
export function memberUsePhrases(text: string, { start, end }: Span): Phrase[] {
  const before = text.slice(Math.max(0, start - NEAR), start);
  const after = text.slice(end, end + NEAR);
  // Where it is declared, nothing is done with it.
  if (!/(?:->|\.)$/.test(before)) return [];
  return writtenPhrases(after) ?? readPhrases(before, after) ?? handedPhrases(before) ?? testedPhrases(before, after);
}

function writtenPhrases(after: string): Phrase[] | null {
  const [, operator, value] = /^(?:\[[^\][]*\])?\s*([|&^+-]?=)(?!=)([^;]*)/.exec(after) ?? [];
  if (operator === undefined || value === undefined) return null;
  const done = operator === '=' ? '; written here' : '; changed here';
  const shown = (operator === '=' ? '' : `${operator} `) + value.trim();
  return value.includes('\n') || shown.length > LONGEST || !isBalanced(value) ? [done] : [`${done} with `, code(shown)];
}

/** What stands before a member that is read to something, by a cast perhaps: `smram->dr7 = (u32)vcpu->arch.`. */
const READ = /[^=!<>]=\s*(?:\(\w+\)\s*)?[\w.>-]*(?:->|\.)$/;
const READ_TO = /(?<![\w.>])([A-Za-z_][\w.]*(?:->[\w.]+)*)\s*=\s*(?:\(\w+\)\s*)?[\w.>-]*(?:->|\.)$/;

function readPhrases(before: string, after: string): Phrase[] | null {
  const target = READ_TO.exec(before)?.[1];
  if (!/^\s*;/.test(after) || !READ.test(before)) return null;
  if (target === undefined || target.length > LONGEST) return ['; read here'];
  return ['; read here to ', code(target)];
}

/** The function that gets the member, its address or an element of it. */
function handedPhrases(before: string): Phrase[] | null {
  const callee = /[^\w](\w+)\((?:[^(){};]*,)?\s*(?:\([\w\s*]*\)\s*)?&?[\w.>-]*(?:->|\.)$/.exec(before)?.[1];
  // A macro of capitals, as OFFSET(), names a member and reads nothing.
  if (callee === undefined || KEYWORDS.has(callee) || !/[a-z]/.test(callee)) return null;
  return ['; handed here to ', code(callee)];
}

function testedPhrases(before: string, after: string): Phrase[] {
  if (/\breturn &[\w.>-]*(?:->|\.)$/.test(before)) return ['; its address is returned here'];
  if (/\breturn [\w.>-]*(?:->|\.)$/.test(before)) return ['; returned here'];
  // A part of it that is assigned is no test.
  if (/^\s*&(?![&=])/.test(after) && /[^=!<>]=\s*[\w.>-]*(?:->|\.)$/.test(before)) return ['; read here'];
  const isCompared = /^\s*(?:[=!]=|[<>]|&(?![&=]))/.test(after) || /(?:[=!]=|[<>] )\s*[\w.>-]*(?:->|\.)$/.test(before);
  const isCondition = /\b(?:if|while) \([^(){};]*$/.test(before);
  return isCompared || isCondition ? ['; tested here'] : [];
}

const KEYWORDS: ReadonlySet<string> = new Set(['if', 'while', 'for', 'switch', 'return', 'sizeof', 'offsetof']);
