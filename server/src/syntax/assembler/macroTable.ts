import { guardKey, type ConditionGuard } from '../conditions/guard.js';
import { macroArguments, type AsmMacro } from './asmMacro.js';
import { insideString, type AsmToken } from './asmToken.js';
import type { AsmEnvironment } from './definitions.js';
import type { Statement } from './statements.js';
import { substituted, type Arguments } from './substitution.js';
import type { SymbolTable } from './symbols.js';

/** The `.macro`s that are defined at one place of the text. */
export interface MacroTable {
  readonly find: (name: string) => AsmMacro | undefined;
  readonly define: (macro: AsmMacro) => void;
  /** Undoes a definition: `.purgem`. */
  readonly purge: (name: string) => void;
  /** How many macros were used so far: what `\@` stands for. */
  readonly count: () => number;
  /** The statements of a use that has tokens of its own, the macro's name first, under conditions. `valueOf`: see {@link evaluated}. */
  readonly expand: (
    macro: AsmMacro,
    use: readonly AsmToken[],
    conditions: readonly ConditionGuard[],
    valueOf: SymbolTable['valueOf'] | null,
  ) => Statement[];
}

/** `asmMacros` are those of headers; `preprocess` gives a header's text as this kernel's preprocessor leaves it under conditions. */
export function macroTable(
  { asmMacros, elsewhere }: Pick<AsmEnvironment, 'asmMacros' | 'elsewhere'>,
  preprocess: (body: readonly Statement[], conditions: readonly ConditionGuard[]) => readonly Statement[],
): MacroTable {
  const macros = new Map(asmMacros);
  const purged = new Set<string>();
  const bodies = new Map<string, readonly Statement[]>();
  let count = 0;
  const bodyOf = (macro: AsmMacro, conditions: readonly ConditionGuard[]) => {
    if (macro.isExpanded) return macro.body;
    const key = `${macro.name} ${conditions.map(guardKey).join('\n')}`;
    const body = bodies.get(key) ?? preprocess(macro.body, conditions);
    bodies.set(key, body);
    return body;
  };
  return {
    find: (name) => macros.get(name) ?? (purged.has(name) ? undefined : elsewhere(name)?.asm),
    define: (macro) => void macros.set(macro.name, macro),
    purge(name) {
      macros.delete(name);
      purged.add(name);
    },
    count: () => count,
    expand(macro, [name, ...written], conditions, valueOf) {
      const body = bodyOf(macro, conditions);
      const given = unquoted(macroArguments(macro, written));
      return substituted(body, {
        given: valueOf ? evaluated(given, valueOf) : given,
        count: count++,
        use: name ?? null,
      });
    },
  };
}

/** Under `.altmacro`, `%expression` as an argument stands for its value (GNU as manual, "Altmacro"). */
function evaluated(given: Arguments, valueOf: SymbolTable['valueOf']): Arguments {
  return new Map(
    Array.from(given, ([name, tokens]) => {
      const [percent, ...expression] = tokens;
      const value = percent?.text === '%' && expression.length > 0 ? valueOf(expression) : null;
      return [name, percent && value !== null ? [{ ...percent, kind: 'number', text: String(value) }] : tokens];
    }),
  );
}

/** A quoted argument stands for what is in the quotes. */
function unquoted(given: Arguments): Arguments {
  return new Map(
    Array.from(given, ([name, tokens]) => [name, tokens.length === 1 ? tokens.flatMap(insideString) : tokens]),
  );
}
