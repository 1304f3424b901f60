import type { MacroLookup } from '../preprocessor/macroExpansion.js';
import type { Statement } from './asmToken.js';
import { conditionsHold, knownNames } from '../preprocessor/conditionTruth.js';
import type { AsmEnvironment, ConditionalDefine } from './definitions.js';

/** Finds a `#define` for a place in the file, or for a header's text when there is none. */
export type DefineLookup = (statement: Statement | null) => MacroLookup;

/** `#define`s of the file before those of its headers, as far as the conditions at the place allow. */
export function defineLookup(
  environment: AsmEnvironment,
  own: readonly ConditionalDefine[],
  ownAsmMacros: ReadonlySet<string>,
): DefineLookup {
  const byName = new Map<string, ConditionalDefine[]>();
  for (const define of own) byName.set(define.definition.name, [...(byName.get(define.definition.name) ?? []), define]);
  return (statement) => (name) => {
    const definition = chosen(byName.get(name) ?? [], statement, environment) ?? environment.cppMacros.get(name);
    // An empty #define stands in for a `.macro` of that name under other conditions.
    const isStandIn = definition?.body.length === 0 && (ownAsmMacros.has(name) || environment.asmMacros.has(name));
    return isStandIn ? undefined : definition;
  };
}

function chosen(defines: readonly ConditionalDefine[], statement: Statement | null, environment: AsmEnvironment) {
  if (defines.length === 0) return undefined;
  const known = knownNames(environment.wordSize, statement?.conditions ?? []);
  const before = statement?.start ?? Infinity;
  const fitting = defines.filter((d) => d.definition.start < before && conditionsHold(d.conditions, known) !== false);
  const certain = fitting.filter((d) => conditionsHold(d.conditions, known));
  return (certain.at(-1) ?? fitting.at(-1))?.definition;
}
