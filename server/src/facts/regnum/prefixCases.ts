import { memoizeByIdentity } from '../../cache/memoize.js';
import { holdsAny } from '../../syntax/c/outline.js';
import type { Span } from '../../syntax/text/sourceText.js';
import { tokenize, type Token } from '../../syntax/text/tokens.js';
import type { NumberCarriers } from './propagation.js';
import { linkName } from './sources.js';
import type { FunctionSource } from '../source/functionSource.js';

/** A switch's case of the REX prefix in a function that does not know REX2. The span is the member's that gets its bits. */
export interface PrefixCase extends Span {
  readonly member: string;
}

/** REX is 0x40-0x4f (SDM vol. 2, 2.2.1); REX2 is 0xd5 (APX specification, 3.1.1). */
const REX_FIRST = '0x40';
const REX2 = '0xd5';

const prefixNames = memoizeByIdentity(({ prefixes }: NumberCarriers) => new Set([...prefixes].map(linkName)));

/** Where a function takes REX, and not REX2, into a member that gives registers' numbers their fourth bit. */
export function prefixCases(fn: FunctionSource, carriers: NumberCarriers): PrefixCase[] {
  const names = prefixNames(carriers);
  if (!holdsAny(fn, names)) return [];
  const tokens = tokenize(fn.code, fn.bodyStart, fn.code.length);
  const cases = tokens.flatMap((token, i) => (token.text === 'case' ? [i] : []));
  const isOf = (at: number, opcode: string) => tokens[at + 1]?.text.toLowerCase() === opcode;
  if (cases.some((at) => isOf(at, REX2))) return [];
  return cases
    .filter((at) => isOf(at, REX_FIRST))
    .flatMap((at) => {
      const next = tokens.findIndex((token, i) => i > at && (token.text === 'case' || token.text === 'default'));
      return assignedMembers(tokens.slice(at, next < 0 ? undefined : next), names);
    });
}

function assignedMembers(tokens: readonly Token[], names: ReadonlySet<string>): PrefixCase[] {
  return tokens.flatMap((token, i) => {
    const { text: member, start, end } = token;
    return names.has(member) && tokens[i + 1]?.text === '=' ? [{ start, end, member }] : [];
  });
}
