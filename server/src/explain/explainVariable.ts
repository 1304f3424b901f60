import type { Place } from '../backends/place.js';
import { CACHE_MEMBER } from '../facts/symbols/cacheNames.js';
import { fileOffset } from '../model/callGraph.js';
import { backendOfFile, fieldDescription } from '../model/query/backends.js';
import { sourceOf, type FileSpan } from '../model/query/text.js';
import type { UnlistedValue } from '../model/query/unlistedValues.js';
import { unlistedIn } from '../model/query/unlistedRegisters.js';
import { valueAbove } from '../model/query/valueAbove.js';
import { heldByVariable, namesHeld, registerOfVariable, type Variable } from '../model/query/variables.js';
import type { RegisterModel } from '../model/registerModel.js';
import { isBalanced } from './balanced.js';
import { fewLines, lineEvidence } from './evidence.js';
import { sidePhrases } from './explainPlace.js';
import { shownStorage } from './explainRegister.js';
import { code, statement, strong, type Explanation, type Phrase } from './explanation.js';
import { ownerLines } from './ownerLines.js';
import { wordsOf } from './words.js';

/** A variable: what it is set from, and where it goes; at a place, with what it was set to last there. */
export function explainVariable(model: RegisterModel, at: FileSpan, name: string, variable: Variable): Explanation {
  const { fn, values, moves, handed, results, unlisted, segments, givers } = variable;
  const register = registerOfVariable(model, variable);
  const offsets = [
    ...values.map(({ offset }) => offset),
    ...moves.map(({ offset }) => offset),
    ...handed.map(({ call }) => call.offset),
    ...results.map(({ offset }) => offset),
    ...[...unlisted, ...segments].map(({ offset }) => offset),
  ];
  return {
    subject: { kind: 'place', name },
    answer: statement(
      [
        strong(name),
        ': ',
        ...whatItIs(variable, heldByVariable(model, variable)),
        ...lastValuePhrases(model, at, name, variable),
        ...sourcePhrases(model, variable),
        ...resultPhrases(variable),
        ...giverPhrases(variable),
        ...targetPhrases(model, variable),
        ...segmentPhrases(variable),
      ],
      fewLines([
        ...[...new Set(offsets)].map((offset) => lineEvidence(model, fn.file, fileOffset(fn, offset))),
        ...givers.map(({ caller, offset }) => lineEvidence(model, caller.file, fileOffset(caller, offset))),
      ]),
    ),
    owners: register ? ownerLines(model, register, { first: backendOfFile(model, fn.file), isShort: true }) : [],
    notes: [],
  };
}

function whatItIs(
  { fn, isParameter, values, results, unlisted, segments, givers }: Variable,
  held: string | null,
): Phrase[] {
  if (givers.length > 0) return [`a parameter, a value for ${held ?? 'a register'}`];
  if (values.length + results.length > 0 || unlisted.some(({ isWritten }) => !isWritten))
    return [isParameter ? 'a parameter' : 'a local variable'];
  if (segments.length > 0) return ['a segment register, as KVM describes one'];
  const what = held === null ? 'a value' : `a value for ${held}`;
  return [what, isParameter ? ', which the caller gives' : `, in ${fn.name}`];
}

/**
 * `, here kvm_get_cr8(vcpu); in handle_cr`, before all that it is set to: what a variable of several registers was set to last on every
 * way to a place, and what any is set to where it is assigned something else than what it is known to be set to.
 */
function lastValuePhrases(model: RegisterModel, { file, end }: FileSpan, name: string, variable: Variable): Phrase[] {
  const { fn } = variable;
  const set = [...variable.values, ...variable.results, ...variable.unlisted.filter(({ isWritten }) => !isWritten)];
  const assigned = assignedAt(sourceOf(model, file)?.text ?? '', end);
  const isOther =
    assigned !== null && !set.some(({ offset }) => isBetween(fileOffset(fn, offset), assigned.start, assigned.end));
  const isSetOnce = new Set(set.map(({ offset }) => offset)).size <= 1;
  if (set.length === 0 || (!isOther && (isSetOnce || namesHeld(model, variable).size <= 1))) return [];
  const value = assigned ? assigned.value : valueAbove(model, file, end, name);
  if (value !== null && value.length <= LONGEST_VALUE) return [', here ', code(value), '; in ', code(fn.name)];
  return isOther ? [', here another value; in ', code(fn.name)] : [];
}

/** What the variable that ends at an offset of a text is assigned there, with the statement's ends; null where it is not assigned. */
function assignedAt(
  text: string,
  end: number,
): { readonly value: string; readonly start: number; readonly end: number } | null {
  const sign = /^\s*=(?!=)\s*/.exec(text.slice(end, end + LONGEST_GAP))?.[0];
  const close = text.indexOf(';', end);
  if (sign === undefined || close < 0) return null;
  const before = text.slice(Math.max(0, end - LONGEST_START), end);
  const start = end - before.length + Math.max(...[';', '{', '}'].map((mark) => before.lastIndexOf(mark))) + 1;
  return { value: text.slice(end + sign.length, close).replace(/\s+/g, ' '), start, end: close };
}

/** Characters of a statement before the variable that it assigns. */
const LONGEST_START = 200;

/** Characters of a value that a line has room for. */
const LONGEST_VALUE = 60;

function isBetween(offset: number, start: number, end: number): boolean {
  return start <= offset && offset <= end;
}

/** Characters between a variable and the sign of its assignment. */
const LONGEST_GAP = 40;

/** Places that a line has room for. */
const MOST_PLACES = 4;

function sourcePhrases(model: RegisterModel, { values }: Variable): Phrase[] {
  const places = new Map(
    values.map(({ from, register }) => [`${from.kind} ${from.name}`, { from, register }] as const),
  );
  const shown = [...places.values()].slice(0, MOST_PLACES);
  if (shown.length === 0) return [];
  const sources = shown.map(({ from, register }): Phrase[] => [
    ...heldPhrases(register?.register ?? unlistedIn(from.name)),
    ...(numberedPhrases(from) ?? sidePhrases(model, from)),
  ]);
  const rest = places.size > shown.length ? `, and ${String(places.size - shown.length)} others` : '';
  return [', set from ', ...sources.flatMap((phrases, i) => (i === 0 ? phrases : [', ', ...phrases])), rest];
}

function heldPhrases(held: string | null): Phrase[] {
  return held === null ? [] : [strong(held), ' of '];
}

/** A slot of the cache whose number is computed: `a GPR of the register cache, by its number (info >> 28) & 0xf`; null for any other place. */
function numberedPhrases({ kind, name, register }: Place): Phrase[] | null {
  const index = kind === 'cache' && register === null ? /^[\w.]+\[(.*)\]$/.exec(name)?.[1] : undefined;
  return index === undefined || /^\w+$/.test(index)
    ? null
    : ['a GPR of the register cache, by its number ', code(withoutBrackets(index))];
}

/** `(info >> 3) & 0xf` of `(((info) >> 3) & 0xf)` */
function withoutBrackets(text: string): string {
  const inner = text.startsWith('(') && text.endsWith(')') ? text.slice(1, -1) : null;
  return inner !== null && isBalanced(inner) ? withoutBrackets(inner) : text.replace(/(?<!\w)\((\w+)\)/g, '$1');
}

/** `, set to RFLAGS by get_rflags, to CR2 of vcpu->arch.cr2` */
function resultPhrases({ results, values, unlisted }: Variable): Phrase[] {
  const known = new Set(values.map(({ register }) => register));
  const listed = results.flatMap(({ register, callee, isAddress }): Phrase[][] =>
    known.has(register) ? [] : [[`${isAddress ? 'the address of ' : ''}${register.register} by `, code(callee)]],
  );
  const others = unlisted.flatMap((value): Phrase[][] =>
    value.isWritten ? [] : [[`${value.register} ${WAYS[value.way][0]}`, unlistedName(value)]],
  );
  const shown = [...new Map([...listed, ...others].map((phrases) => [JSON.stringify(phrases), phrases])).values()];
  return shown.slice(0, MOST_PLACES).flatMap((phrases, i): Phrase[] => [i === 0 ? ', set to ' : ', to ', ...phrases]);
}

/** What stands before the name by which a register that no enum lists comes to a variable, and before the one by which it goes on. */
const WAYS: Readonly<Record<UnlistedValue['way'], readonly [string, string]>> = {
  copy: ['of ', ''],
  call: ['by ', ''],
  part: ['by bits of ', 'bits of '],
};

function unlistedName({ way, name }: UnlistedValue): Phrase {
  return code(way === 'copy' ? `vcpu->${CACHE_MEMBER}.${name}` : name);
}

function giverPhrases({ givers }: Variable): Phrase[] {
  const callers = [...new Set(givers.map(({ caller }) => caller.name))];
  return callers.length === 0 ? [] : [' that is given by ', ...fewOf(callers.map((name) => [code(name)]))];
}

function targetPhrases(model: RegisterModel, { moves, handed, takers, unlisted }: Variable): Phrase[] {
  const places = [...new Map(moves.map(({ to }) => [to.name, to] as const)).values()];
  const others = unlisted.filter(({ way, isWritten }) => isWritten && way !== 'call');
  const copies = others.flatMap((value): Phrase[][] =>
    places.some(({ name }) => name.endsWith(value.name)) ? [] : [[WAYS[value.way][1], unlistedName(value)]],
  );
  const calls = unlisted.flatMap(({ way, isWritten, name }) => (isWritten && way === 'call' ? [name] : []));
  const setting = [...new Set([...handed.map(({ call }) => call.callee), ...calls])];
  const written = [...places.map((place) => targetPhrase(model, place)), ...copies];
  // Who only gets it is told where nothing is known to be set to it.
  const callees = written.length + setting.length > 0 ? setting : takers;
  return [
    ...(written.length > 0 ? ['; written to ', ...fewOf(written)] : []),
    ...(callees.length > 0 ? ['; handed to ', ...fewOf(callees.map((name) => [code(name)]))] : []),
  ];
}

/** `; its address handed to vmx_get_segment for CS` */
function segmentPhrases({ segments }: Variable): Phrase[] {
  const calls = new Map(segments.map(({ callee, segment }) => [`${callee} ${segment}`, { callee, segment }]));
  const shown = [...calls.values()].map(({ callee, segment }): Phrase[] => [code(callee), ` for ${segment}`]);
  return shown.length === 0 ? [] : ['; its address handed to ', ...fewOf(shown)];
}

/** A list of which the line has room for a few: `a, b and 5 more`. */
function fewOf(items: readonly (readonly Phrase[])[]): Phrase[] {
  const shown = items.slice(0, MOST_PLACES).flatMap((item, i) => (i === 0 ? item : [', ', ...item]));
  const left = items.length - MOST_PLACES;
  return left > 0 ? [...shown, ` and ${String(left)} more`] : shown;
}

function targetPhrase(model: RegisterModel, { kind, name }: Place): Phrase[] {
  const words = fieldDescription(model, name);
  return [
    code(kind === 'cache' ? shownStorage(name) : `${wordsOf(model).place(kind).title} ${name}`),
    ...(words === null ? [] : [` (${words})`]),
  ];
}
