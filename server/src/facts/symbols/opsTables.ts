import type { Guard } from '../../syntax/conditions/guard.js';
import { expand, type MacroLookup } from '../../syntax/preprocessor/macroExpansion.js';
import { keptTable } from '../../cache/keptTables.js';
import { memoizeByLookups } from '../../cache/memoize.js';
import { configGuardsAt } from '../../syntax/preprocessor/directives.js';
import type { OutlineItem } from '../../syntax/c/outline.js';
import { tokenize, type Token } from '../../syntax/text/tokens.js';
import type { SourceOutline } from '../source/sourceOutline.js';

/** One `.member = function` of an object that holds callbacks. */
interface OpsEntry {
  readonly member: string;
  readonly function: string;
  /** Offset of the member's name. */
  readonly offset: number;
  readonly conditions: readonly Guard[];
}

/** The struct of KVM's vendor operations (asm/kvm_host.h). */
export const OPERATIONS_STRUCT = 'kvm_x86_ops';

/** An initialised object that holds functions: `struct kvm_x86_ops svm_x86_ops`, a table of exit handlers. */
export interface OpsTable {
  readonly name: string;
  /** Tag of its struct, '' for an array of functions. */
  readonly struct: string;
  readonly offset: number;
  readonly entries: readonly OpsEntry[];
  /** `[SVM_EXIT_VMGEXIT] = sev_handle_vmgexit`: what the index names, and the function. */
  readonly handlers: readonly { readonly index: string; readonly function: string }[];
  /** Every other name in the initialiser: handlers without a member's name. */
  readonly mentions: readonly string[];
}

/** The initialised objects of a file. */
export const opsTables = memoizeByLookups(
  (file: SourceOutline, lookup: MacroLookup): readonly OpsTable[] =>
    file.items.filter((item) => item.kind === 'object').map((item) => opsTable(file, item, lookup)),
  keptTable('opsTables'),
);

function opsTable(file: SourceOutline, item: OutlineItem, lookup: MacroLookup): OpsTable {
  const head = file.code.slice(item.start, item.nameStart);
  const tokens = item.bodyStart < 0 ? [] : tokenize(file.code, item.bodyStart, item.end);
  const entries: OpsEntry[] = [];
  tokens.forEach((token, i) => {
    const [member, equals] = [tokens[i + 1], tokens[i + 2]];
    if (token.text !== '.' || member?.kind !== 'word' || equals?.text !== '=') return;
    const name = functionNamed(valueTokens(tokens, i + 3), lookup);
    if (name !== null)
      entries.push({
        member: member.text,
        function: name,
        offset: member.start,
        conditions: configGuardsAt(file.directives, member.start),
      });
  });
  const handlers = tokens.flatMap((token, i) => {
    const [index, close, equals] = tokens.slice(i + 1, i + 4);
    if (token.text !== '[' || index?.kind !== 'word' || close?.text !== ']' || equals?.text !== '=') return [];
    const name = functionNamed(valueTokens(tokens, i + 4), lookup);
    return name === null ? [] : [{ index: index.text, function: name }];
  });
  return {
    name: item.name,
    struct: /\b(?:struct|union)\s+(\w+)/.exec(head)?.[1] ?? '',
    offset: item.nameStart,
    entries,
    handlers,
    mentions: [...item.words.keys()],
  };
}

function valueTokens(tokens: readonly Token[], from: number): Token[] {
  let depth = 0;
  const value: Token[] = [];
  for (let i = from; i < tokens.length; i++) {
    const token = tokens[i];
    if (!token || (depth === 0 && (token.text === ',' || token.text === '}' || token.text === ';'))) break;
    depth += /^[([{]$/.test(token.text) ? 1 : /^[)\]}]$/.test(token.text) ? -1 : 0;
    value.push(token);
  }
  return value;
}

/** The function that a value names, after macro expansion (`vt_op(cache_reg)` is `vt_cache_reg`); null for anything else. */
function functionNamed(value: readonly Token[], lookup: MacroLookup): string | null {
  const expanded = expand(value, lookup).filter((token) => !/^[()&]$/.test(token.text));
  const [only, more] = expanded;
  return only?.kind === 'word' && !more ? only.text : null;
}
