import { once } from '../syntax/once.js';
import { onceForEach } from '../syntax/onceForEach.js';
import type { SourceOutline } from './sourceOutline.js';
import { fileTypes } from './typeTables.js';
import type { Vocabulary } from './vocabulary.js';

/**
 * All of a vocabulary that a file's facts depend on, besides the file itself, as texts: two vocabularies with the same texts
 * give every file the same facts. Offsets are not in it: facts have only those of their own file.
 */
function vocabularyTexts(vocabulary: Vocabulary, outlines: readonly SourceOutline[]): readonly string[] {
  const { registers, registerMacros, asmMacros, stateFunctions, extended } = vocabulary;
  const { fields, indexed, accessors, wrappers, decoders, switches } = vocabulary;
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

/**
 * Gives what was made for a tree's names the last time, as long as they are the same, else what is made now. `more` is what
 * else it depends on. Texts are made when there is something to compare: not for the first tree.
 */
export function onceForNames<Result>(
  make: () => Result,
): (vocabulary: Vocabulary, outlines: readonly SourceOutline[], more?: string) => Result {
  let last: { readonly texts: () => readonly string[]; readonly result: Result } | null = null;
  return (vocabulary, outlines, more = '') => {
    const texts = once(() => [more, ...vocabularyTexts(vocabulary, outlines)]);
    const result = last && areSameTexts(last.texts(), texts()) ? last.result : make();
    last = { texts, result };
    return result;
  };
}

/** Whether two vocabularies' texts are the same. */
function areSameTexts(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((text, i) => text === others[i]);
}
