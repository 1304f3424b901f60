import { guardKey, type Guard } from '../../syntax/conditions/guard.js';
import type { OutlineItem } from '../../syntax/c/outline.js';
import { configHolds } from '../../syntax/preprocessor/conditionTruth.js';
import { configGuardsAt } from '../../syntax/preprocessor/directives.js';
import { integerValue } from '../../syntax/preprocessor/integers.js';
import type { MacroLookup } from '../../syntax/preprocessor/macroExpansion.js';
import { locationAt } from '../../syntax/text/sourceText.js';
import { enumerators, type Enumerator } from '../source/enumerators.js';
import type { SourceOutline } from '../source/sourceOutline.js';
import { classOf, registerName, type RegisterMember, type RegisterProblem } from './registerMember.js';

/** The values of an enum's members in a build of one width, up to the member that is read. */
interface Width {
  readonly is64: boolean;
  next: bigint | null;
  readonly values: Map<string, bigint | null>;
}

/** The members of an enum, in order; their values may name those of the enums `before` it. */
export function readMembers(
  file: SourceOutline,
  item: OutlineItem,
  before: readonly RegisterMember[],
  macros: MacroLookup,
): RegisterMember[] {
  const value = (index: number | null) => (index === null ? null : BigInt(index));
  const widths: Width[] = [true, false].map((is64) => ({
    is64,
    next: 0n,
    values: new Map(before.map((m) => [m.name, value(is64 ? m.index : m.index32)])),
  }));
  const known = new Map(before.map((member) => [member.name, member]));
  const members: RegisterMember[] = [];
  for (const enumerator of enumerators(file, item)) {
    const { name, initializer } = enumerator;
    const conditions = configGuardsAt(file.directives, name.start);
    const [index, index32] = widths.map((width) => nextValue(width, enumerator, conditions, macros));
    const [only, ...rest] = initializer;
    const original = only && rest.length === 0 ? known.get(only.text) : undefined;
    const aliasOf = original?.role === 'register' ? original.name : null;
    const register = registerName(name.text);
    const member: RegisterMember = {
      name: name.text,
      register,
      role: name.text.startsWith('NR_') ? 'count' : aliasOf === null ? 'register' : 'alias',
      aliasOf,
      class: classOf(register),
      index: index ?? null,
      index32: index32 ?? null,
      isNumbered: true,
      conditions,
      declared: locationAt(file.source, name.start),
      offset: name.start,
    };
    known.set(member.name, member);
    members.push(member);
  }
  return members;
}

function nextValue(
  width: Width,
  { name, initializer }: Enumerator,
  conditions: readonly Guard[],
  macros: MacroLookup,
): number | null {
  if (configHolds(conditions, width.is64 ? 8 : 4) === false) return null;
  const value =
    initializer.length > 0 ? integerValue(initializer, macros, (n) => width.values.get(n) ?? null) : width.next;
  width.values.set(name.text, value);
  width.next = value === null ? null : value + 1n;
  return value === null ? null : Number(value);
}

/** The members of an enum that no compiler takes, or whose value is not understood: a comma is missing, a macro is not known, a name stands twice. */
export function unsoundMembers(
  file: SourceOutline,
  item: OutlineItem,
  members: readonly RegisterMember[],
): RegisterProblem[] {
  const values = new Map(members.map((member) => [member.name, member.index ?? member.index32]));
  const body = file.code.slice(item.bodyStart, item.end);
  const problemAt = (offset: number, message: string) => ({ location: locationAt(file.source, offset), message });
  const brace = body.indexOf('{', 1);
  if (brace >= 0) return [problemAt(item.bodyStart + brace, 'a { is too many in this enum')];
  const unnamed = /[{,]\s*=/.exec(body);
  if (unnamed) return [problemAt(item.bodyStart + unnamed.index, 'a name is missing in this enum')];
  const declared = new Set<string>();
  return Array.from(enumerators(file, item)).flatMap(({ name, isSound }) => {
    const key = [name.text, ...configGuardsAt(file.directives, name.start).map(guardKey)].join('\n');
    const isRepeated = declared.has(key);
    declared.add(key);
    if (isSound && !isRepeated && values.get(name.text) !== null) return [];
    const unknown = isRepeated ? `${name.text} is declared twice` : `the value of ${name.text} is not known`;
    const message = isSound ? unknown : `a comma is missing behind ${name.text}`;
    return [problemAt(name.start, message)];
  });
}
