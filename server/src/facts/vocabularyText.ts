import type { NumberCarriers } from './numberCarriers.js';
import type { Vocabulary } from './vocabulary.js';

/**
 * All of a vocabulary that a file's facts depend on, but what carries numbers, as text: two vocabularies with the same text give every file the same
 * facts. Offsets are in it only where facts have them (where macros make accessors).
 */
export function vocabularyText(vocabulary: Vocabulary): string {
  const { registers, macros, setMacros, types, fields, indexed, accessors, wrappers, decoders, switches } = vocabulary;
  const parts = [
    registers.members.map((m) => [m.name, m.role, m.aliasOf, m.class, m.index, m.declared?.file, m.offset]),
    [...registers.numberMacros].map(([name, member]) => [name, member.name]),
    [...macros].map(([name, { definition: d }]) => [
      name,
      d.parameters,
      d.variadic,
      d.body.map((t) => t.text).join(' '),
    ]),
    [...setMacros],
    [...types.members].map(([name, members]) => [
      name.replace(/\{\d+/g, '{'),
      [...members.keys()],
      [...members.values()].map((type) => type.replace(/\{\d+/g, '{')),
    ]),
    [...types.returns],
    [...fields.values()],
    [...indexed.values()].map((fn) => [fn.name, fn.parameter, fn.value, fn.kind, fn.storage]),
    [...accessors.values()].map((a) => [a.name, a.member, a.kind, a.width, a.instantiation]),
    [...wrappers.values()].map((wrapper) => [wrapper.name, wrapper.uses]),
    [...decoders],
    [...switches],
  ];
  return JSON.stringify(parts);
}

/** As `vocabularyText`, of what carries numbers. */
export function carriersText({ links, masks, arrays, prefixes }: NumberCarriers): string {
  return JSON.stringify([links, masks, arrays, prefixes].map((members) => [...members]));
}
