import { placeTables } from '../../backends/registry.js';
import type { MacroDefinition } from '../../syntax/preprocessor/directives.js';
import { expandedFunction, type ExpandedFunction } from '../source/expandedFunction.js';
import type { FunctionSource } from '../source/functionSource.js';
import { definitionAt } from '../source/macroChanges.js';
import { macroLookup, type TreeSymbols } from '../symbols/treeSymbols.js';
import type { FactSymbols } from '../symbols/wordRoles.js';

/**
 * A function with those uses of macros expanded that say something of registers which the text does not: of macros that it
 * defines itself, of those that paste a register's name together (`VCPU_REGS_##REG`), and of those that access hardware's fields.
 * null where it has none.
 */
export function withRegisterMacros(fn: FunctionSource, symbols: FactSymbols): ExpandedFunction | null {
  const own = new Set(fn.macroChanges.map(({ name }) => name));
  const { roleOf } = symbols;
  if (![...fn.words.keys()].some((word) => own.has(word) || roleOf(word).isMaking)) return null;
  const lookup = visibleMacros(symbols, fn.path);
  return expandedFunction(fn, {
    macroAt: (name, offset) => {
      const changed = definitionAt(fn.macroChanges, name, offset);
      if (changed !== undefined) return changed ?? undefined;
      return roleOf(name).isMaking ? lookup(name) : undefined;
    },
    isWanted: (name, expansion) =>
      expansion.some(({ kind, text, pasted, writtenIn }) => {
        if (kind !== 'word') return false;
        if (own.has(name)) return roleOf(text).isTelling;
        // What a use is given says so itself.
        return pasted === null ? writtenIn !== null && isAccessor(symbols, text) : namesRegisterOrPlace(symbols, text);
      }),
  });
}

/** The macros that a file can use: its own, and headers'. */
function visibleMacros(symbols: TreeSymbols, path: string): (name: string) => MacroDefinition | undefined {
  const lookup = macroLookup(symbols, path);
  return (name) => {
    const isElsewhere = symbols.macros.get(name)?.file.endsWith('.c') && !symbols.fileMacros.get(path)?.has(name);
    return isElsewhere ? undefined : lookup(name);
  };
}

function namesRegisterOrPlace(symbols: TreeSymbols, name: string): boolean {
  return symbols.registers.byName.has(name) || symbols.accessors.has(name) || isAccessor(symbols, name);
}

/** Whether a function reads or writes hardware's fields. */
function isAccessor({ backends }: TreeSymbols, name: string): boolean {
  return placeTables(backends).functionNamed(name) !== null;
}
