import type { Guard } from '../../syntax/conditions/guard.js';
import { configGuardsAt } from '../../syntax/preprocessor/directives.js';
import type { Span } from '../../syntax/text/sourceText.js';
import { tokenize, type Token } from '../../syntax/text/tokens.js';
import type { SourceOutline } from '../source/sourceOutline.js';
import type { TreeSymbols } from '../symbols/treeSymbols.js';
import type { Reference, ReferenceKind } from './reference.js';
import { BIT_MACRO } from './registerBits.js';

/** The references in a file's macro bodies, at their own lines. */
export function macroReferences(file: SourceOutline, symbols: TreeSymbols): Reference[] {
  return file.directives.macros.flatMap((macro) => {
    const guardsAt = () => configGuardsAt(file.directives, macro.start);
    const inside = tokenReferences(macro.body, symbols, null, guardsAt);
    const named = macro.parameters === null ? symbols.registers.numberMacros.get(macro.name) : undefined;
    if (!named) return inside;
    const { nameStart: start, name: via } = macro;
    const base = { function: null, guards: guardsAt(), isIndirect: false, statement: macro.start };
    return [{ ...base, start, end: start + via.length, register: named.name, kind: 'define', via }, ...inside];
  });
}

/** Whether one of the words is one that `tokenReferences` looks for: most items have none. */
export function namesRegister(words: Iterable<string>, symbols: TreeSymbols): boolean {
  const { registers, accessors, wrappers } = symbols;
  for (const word of words) {
    if (registers.byName.has(word) || registers.numberMacros.has(word)) return true;
    if (accessors.has(word) || wrappers.has(word)) return true;
  }
  return false;
}

/**
 * The references in code that is no function: a type's or object's definition, a macro's use at top level. Told by the tokens
 * alone.
 */
export function tokenReferences(
  tokens: readonly Token[],
  symbols: TreeSymbols,
  within: string | null,
  guardsAt: (offset: number) => readonly Guard[],
): Reference[] {
  const found: Reference[] = [];
  // The last name with a bracket behind it: what a register behind that is an argument of.
  let callee: string | null = null;
  tokens.forEach((token, i) => {
    if (token.kind !== 'word') return;
    const isCall = tokens[i + 1]?.text === '(';
    const refer = (register: string, kind: ReferenceKind, isIndirect = false) => {
      const { start, end, text } = token;
      found.push({
        start,
        end,
        register,
        kind,
        via: text,
        function: within,
        guards: guardsAt(start),
        isIndirect,
        statement: start,
      });
    };
    const member = symbols.registers.byName.get(token.text) ?? symbols.registers.numberMacros.get(token.text);
    if (member) refer(member.name, tokenKind(tokens, i, callee, symbols));
    if (!isCall) return;
    callee = token.text;
    const accessor = symbols.accessors.get(token.text);
    if (accessor) refer(accessor.member, accessor.kind);
    for (const use of symbols.wrappers.get(token.text)?.uses ?? []) refer(use.member, use.kind, true);
  });
  return found;
}

function tokenKind(tokens: readonly Token[], at: number, callee: string | null, symbols: TreeSymbols): ReferenceKind {
  const [before, twoBefore] = [tokens[at - 1]?.text, tokens[at - 2]?.text];
  if (before === '<<') return 'mask';
  if (before === '(' && BIT_MACRO.test(twoBefore ?? '')) return 'mask';
  if (before === '(' && twoBefore === '<<') return 'mask';
  if (before !== ',' && before !== '(') return 'other';
  return (callee === null ? undefined : symbols.indexed.get(callee)?.kind) ?? 'argument';
}

/** The declaration of each register, and what its enum says of others (`VCPU_REG_ERAPS = VCPU_REG_CR3`). */
export function declarationReferences(file: SourceOutline, item: Span, symbols: TreeSymbols): Reference[] {
  const tokens = tokenize(file.code, item.start, item.end);
  const positions = new Set(
    tokens.flatMap(({ start }, i) => (/^[{,]$/.test(tokens[i - 1]?.text ?? '') ? [start] : [])),
  );
  const isDeclaration = ({ start, via }: Reference) =>
    positions.has(start) && symbols.registers.byName.get(via)?.declared?.file === file.source.path;
  return tokenReferences(tokens, symbols, null, (offset) => configGuardsAt(file.directives, offset)).map(
    (reference): Reference => {
      if (isDeclaration(reference)) return { ...reference, register: reference.via, kind: 'declare' };
      return { ...reference, kind: reference.kind === 'argument' ? 'other' : reference.kind };
    },
  );
}
