import { SymbolKind } from 'vscode-languageserver';
import { accessorsOf } from '../../model/query/cSymbols.js';
import { architecturalName, declarationOf, enumMembers } from '../../model/query/registers.js';
import { registerSets, setSpan } from '../../model/query/sets.js';
import { nameSpan, type FileSpan } from '../../model/query/text.js';
import { declarationOfComponent } from '../../model/query/xsaveReferences.js';
import type { RegisterModel } from '../../model/registerModel.js';

/** Something of a tree that has a name, as outlines and symbol searches show it. */
export interface NamedThing {
  readonly name: string;
  /** A word beside the name; null for none. */
  readonly detail: string | null;
  readonly kind: SymbolKind;
  readonly span: FileSpan;
}

/** Registers, accessors, sets and XSAVE components, each where it is declared or made. */
export function namedThings(model: RegisterModel): NamedThing[] {
  const members = enumMembers(model).flatMap((member): NamedThing[] => {
    const span = declarationOf(member);
    const detail = member.role === 'register' ? architecturalName(model, member.name) : null;
    return span ? [{ name: member.name, detail, kind: SymbolKind.EnumMember, span }] : [];
  });
  const accessors = accessorsOf(model).map(({ name, member, file, offset, instantiation }): NamedThing => {
    const written = instantiation?.macros[0] ?? name;
    const detail = architecturalName(model, member);
    return { name, detail, kind: SymbolKind.Function, span: nameSpan(file, offset, written) };
  });
  const sets = registerSets(model).map((set): NamedThing => ({
    name: set.name,
    detail: 'set',
    kind: SymbolKind.Constant,
    span: setSpan(set),
  }));
  const components = model.xsave.components.map((component): NamedThing => ({
    name: component.name,
    detail: component.holds,
    kind: SymbolKind.EnumMember,
    span: declarationOfComponent(component),
  }));
  return [...members, ...components, ...accessors, ...sets];
}
