import { onceForEach } from '../syntax/onceForEach.js';
import type { SourceOutline } from './sourceOutline.js';
import { fileTypes } from './typeTables.js';
import type { Vocabulary } from './vocabulary.js';

/**
 * All of a vocabulary that a file's facts depend on, besides the file itself, as texts: two vocabularies with the same texts
 * give every file the same facts. Offsets are not in it: facts have only those of their own file.
 */
export function vocabularyTexts(vocabulary: Vocabulary, outlines: readonly SourceOutline[]): readonly string[] {
  const { registers, registerMacros, asmMacros, stateFunctions, extended } = vocabulary;
  const { fields, indexed, accessors, wrappers, decoders, switches } = vocabulary;
  const { links, masks, arrays, prefixes } = vocabulary.carriers;
  const parts = [
    registers.members.map((m) => [m.name, m.role, m.aliasOf, m.class, m.index, m.declared?.file]),
    [...registers.numberMacros].map(([name, member]) => [name, member.name]),
    [...registerMacros],
    [...asmMacros],
    [...fields.values()],
    [...indexed.values()].map((fn) => [fn.name, fn.parameter, fn.value, fn.kind, fn.storage]),
    [...accessors.values()].map((a) => [
      a.name,
      a.member,
      a.kind,
      a.width,
      a.instantiation?.file,
      a.instantiation?.macros,
    ]),
    [...wrappers.values()].map((wrapper) => [wrapper.name, wrapper.uses]),
    [...decoders],
    [...switches],
    [...stateFunctions],
    [[...extended.macros], [...extended.flags], [...extended.movers]],
    [links, masks, arrays, prefixes].map((members) => [...members]),
  ];
  return [...parts.map((part) => JSON.stringify(part)), ...outlines.map(fileText)];
}

/** A file's macros and types: the tree's are made of them. */
const fileText = onceForEach((file: SourceOutline): string => {
  const macros = file.directives.macros.map(({ name, parameters, variadic, body }) => [
    name,
    parameters,
    variadic,
    body.map((token) => token.text).join(' '),
  ]);
  const { structs, returns } = fileTypes(file);
  const types = [...structs.values()].flatMap((parts) =>
    [...parts].map(([tag, members]) => [
      withoutOffset(tag),
      [...members.keys()],
      [...members.values()].map(withoutOffset),
    ]),
  );
  return JSON.stringify([macros, types, [...returns]]);
});

/** The tag of a struct without a name holds where it stands. */
function withoutOffset(tag: string): string {
  return tag.replace(/\{\d+/g, '{');
}

/** Whether two vocabularies' texts are the same. */
export function areSameTexts(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((text, i) => text === others[i]);
}
