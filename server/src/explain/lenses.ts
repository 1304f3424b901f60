import {
  asmFunctionsIn,
  isWorldSwitch,
  movingMacros,
  slotsOf,
  slotsOfMacro,
  type AsmFunction,
} from '../model/query/assembly.js';
import { accessorsMadeAt } from '../model/query/cSymbols.js';
import { functionNamed } from '../model/query/functions.js';
import { referencesIn, referencesVia, type FileReference } from '../model/query/references.js';
import { mentionsOf, setsIn, setSpan } from '../model/query/sets.js';
import { asmMacroDefinition } from '../model/query/symbolDefinitions.js';
import { byPlace, distinctSpans, nameSpan, wordFrom, type FileSpan } from '../model/query/text.js';
import type { RegisterModel } from '../model/registerModel.js';
import { asmMacroTitle } from './explainAssembly.js';
import { moveGroups, summaryOf } from './moveGroups.js';
import { setSummary } from './explainSet.js';
import { worldSwitchHalves } from './explainWorldSwitch.js';
import { functionLenses } from './functionLenses.js';
import type { Lens, LensOptions } from './lens.js';
import { registerLenses } from './registerLenses.js';
import { xsaveLenses } from './xsave/xsaveLenses.js';

/** The lenses of a file, in the order of the text. */
export function lensesOf(model: RegisterModel, path: string, options: LensOptions): Lens[] {
  const lenses = [
    ...registerLenses(model, path),
    ...instantiationLenses(model, path),
    ...asmFunctionsIn(model, path).flatMap((fn) => assemblyLens(model, fn)),
    ...assemblyMacroLenses(model, path),
    ...functionLenses(model, path, options),
    ...setLenses(model, path),
    ...xsaveLenses(model, path),
  ];
  return lenses.sort((a, b) => a.span.start - b.span.start);
}

function referenceSpan({ file, reference: { start, end } }: FileReference): FileSpan {
  return { file, start, end };
}

/** On each use of a macro that makes accessors. */
function instantiationLenses(model: RegisterModel, path: string): Lens[] {
  return referencesIn(model, path)
    .filter(({ kind }) => kind === 'define')
    .flatMap((reference) => {
      const names = [...new Set(accessorsMadeAt(model, path, reference.start).map(({ name }) => name))];
      if (names.length === 0) return [];
      const locations = names.flatMap((name) => referencesVia(model, name).map(referenceSpan)).sort(byPlace);
      return [{ span: reference, title: `makes ${names.join(', ')} · ${String(locations.length)} calls`, locations }];
    });
}

/** On a function of an assembly file: what it moves around a VM-entry, for each side of that, or else. */
function assemblyLens(model: RegisterModel, fn: AsmFunction): Lens[] {
  const { file, asm } = fn;
  if (asm.isInline) return [];
  const parts = isWorldSwitch(model, fn)
    ? worldSwitchHalves(model, asm)
    : [{ title: helperTitle(model, fn), slots: slotsOf(model, asm).filter(({ isGuest }) => isGuest) }];
  return parts
    .filter(({ title }) => title !== '')
    .map(({ title, slots }) => {
      const locations = slots.map(({ name: { start, end } }) => ({ file, start, end }));
      return { span: nameSpan(file, asm.offset, asm.name), title, locations: distinctSpans(locations) };
    });
}

/** What an assembly function moves that enters no guest; '' for one that moves nothing. */
function helperTitle(model: RegisterModel, { file, asm }: AsmFunction): string {
  const node = functionNamed(model, asm.name, file);
  return node ? summaryOf(moveGroups(model, node)) : '';
}

/** On the definition of an assembly macro: whose registers its uses move. */
function assemblyMacroLenses(model: RegisterModel, path: string): Lens[] {
  return movingMacros(model).flatMap((name) => {
    const defined = asmMacroDefinition(model, name);
    if (defined?.file !== path) return [];
    const slots = slotsOfMacro(model, name);
    const locations = slots.map(({ file, transfer: { instruction } }) => wordFrom(model, file, instruction.start));
    return [{ span: defined, title: asmMacroTitle(model, name, slots), locations: distinctSpans(locations) }];
  });
}

function setLenses(model: RegisterModel, path: string): Lens[] {
  return setsIn(model, path).map((set) => ({
    span: setSpan(set),
    title: setSummary(model, set),
    locations: mentionsOf(model, set).map(({ span }) => span),
  }));
}
