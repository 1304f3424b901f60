import { memoizeByIdentity } from '../../cache/memoize.js';
import type { SourceText } from '../../syntax/text/sourceText.js';
import type { Register, RegisterModel } from '../registerModel.js';
import { accessorNamed, macroNamed } from './cSymbols.js';
import { argumentTexts } from './callText.js';
import { cFunctions, functionNamed, functionText, type CFunction } from './functions.js';
import { referencesOfFunction } from './references.js';
import { registerNamed, registerOf } from './registers.js';
import { lastAtOrBefore } from '../../syntax/text/lastAtOrBefore.js';
import { sourceOf } from './text.js';
import { unlistedIn } from './unlistedRegisters.js';

/** A word of a tracepoint that is called after a register, or gets one's value: a field that it records, or a parameter. */
export interface TraceField {
  /** Null for one that a macro defines, which gives it its name. */
  readonly event: string | null;
  /** `parameter`: what code gives the tracepoint; `field`: what it records. */
  readonly role: 'parameter' | 'field';
  /** The expression that a field is given as written; null for a parameter, and for a field that is given a parameter. */
  readonly value: string | null;
  /** The register that the expression reads; null where it reads none, and for a parameter. */
  readonly register: Register | null;
  /** What callers of the tracepoint give, each text once; empty for a field with an expression of its own. */
  readonly given: readonly GivenToTrace[];
}

/** What a function hands to a tracepoint, as written. `offset`: of the call, in the function. */
export interface GivenToTrace {
  readonly fn: CFunction;
  readonly offset: number;
  readonly text: string;
}

/** What a word is in the definition of a tracepoint; null for any other word, and for one that has to do with no register. */
export function traceFieldAt(model: RegisterModel, path: string, offset: number, name: string): TraceField | null {
  const found = eventAt(sourceOf(model, path), offset);
  if (!found) return null;
  const parameters = listOf(found.text, 'TP_ARGS');
  const isField = isFieldAt(found.text, offset - found.start, name);
  if (!isField && !parameters.includes(name)) return null;
  const assignedText = isField ? assigned(found.text, name) : name;
  const parameter = parameters.indexOf(assignedText ?? '');
  const value = parameter < 0 ? (assignedText ?? null) : null;
  const register = value === null ? null : registerRead(model, path, value);
  if (!register && !isCalledAfterRegister(model, name)) return null;
  const given = parameter < 0 ? [] : givenTo(model, found.event, parameter);
  return { event: found.event, role: isField ? 'field' : 'parameter', value, register, given };
}

/** linux/tracepoint.h. */
const EVENT = /^[ \t]*(?:TRACE_EVENT\w*|DECLARE_EVENT_CLASS)\s*\(\s*(\w+)/gm;

/** The definition of a tracepoint that an offset of a file is in; null for none. */
function eventAt(source: SourceText | null, offset: number): EventDefinition | null {
  if (!source) return null;
  const events = eventsOf(source);
  const event = events[lastAtOrBefore(events, offset, ({ start }) => start)];
  return event && offset < event.start + event.text.length ? event : null;
}

/** The definitions of tracepoints in a file, each up to the parenthesis that ends it. */
const eventsOf = memoizeByIdentity(({ text }: SourceText): readonly EventDefinition[] =>
  Array.from(text.matchAll(EVENT)).map((match) => {
    const isInMacro = text.slice(0, match.index).endsWith('\\\n');
    const end = endOfCall(text, match.index + match[0].length);
    return { event: isInMacro ? null : (match[1] ?? null), text: text.slice(match.index, end), start: match.index };
  }),
);

interface EventDefinition extends Pick<TraceField, 'event'> {
  readonly text: string;
  /** Offset in the file. */
  readonly start: number;
}

/** Where the parenthesis closes that is open at an offset; the end of the text for none. */
function endOfCall(text: string, offset: number): number {
  let depth = 1;
  for (const { 0: bracket, index } of text.slice(offset).matchAll(/[()]/g)) {
    depth += bracket === '(' ? 1 : -1;
    if (depth === 0) return offset + index;
  }
  return text.length;
}

/** The names in a list of the definition's: `TP_ARGS(vcpu, isa)`. */
function listOf(text: string, macro: string): string[] {
  const list = new RegExp(`\\b${macro}\\s*\\(([^()]*)\\)`).exec(text)?.[1] ?? '';
  return list.split(',').map((word) => word.replace(/\\\n/g, '').trim());
}

/** Whether a word is a field of the tracepoint's: `__entry->rip`, or the last argument of `__field(unsigned long, rip)`. */
function isFieldAt(text: string, at: number, name: string): boolean {
  return (
    text.slice(0, at).endsWith('__entry->') ||
    (/\b__\w*(?:field|array|string)\w*\([^()]*$/.test(text.slice(Math.max(0, at - 60), at)) &&
      /^\s*[,)]/.test(text.slice(at + name.length)))
  );
}

/** The expression that a field is given. */
function assigned(text: string, field: string): string | undefined {
  const assignments = Array.from(text.matchAll(/__entry->(\w+)\s*=([^;]*)/g));
  const given = assignments.find(([, name]) => name === field)?.[2];
  // The last one may end with the list of assignments, without a semicolon.
  const [value] = given?.split(/\n[ \t]*\)/) ?? [];
  return value?.replace(/\\\n/g, ' ').replace(/\s+/g, ' ').trim();
}

/** The one register that an expression reads by a call, or by a macro whose body has one. */
function registerRead(model: RegisterModel, path: string, value: string): Register | null {
  const macros = Array.from(value.matchAll(/\b(\w+)\s*\(/g)).flatMap(
    ([, callee = '']) => macroNamed(model, callee)?.definition.body ?? [],
  );
  const words = [...value.split(/\W+/), ...macros.map(({ text }) => text)];
  const registers = new Set(words.flatMap((word) => readBy(model, path, word)));
  const [only = null, another] = registers;
  return another ? null : only;
}

function readBy(model: RegisterModel, path: string, callee: string): Register[] {
  const accessor = accessorNamed(model, callee);
  const node = accessor ? null : functionNamed(model, callee, path);
  const members = accessor
    ? [accessor.member]
    : node
      ? referencesOfFunction(model, node).flatMap(({ kind, register }) => (kind === 'read' ? (register ?? []) : []))
      : [];
  return members.flatMap((member) => registerOf(model, member) ?? []);
}

/** Whether a word is a register's name, with nothing or what says whose before it: `rip`, `guest_rip`, `nested_rip`. */
function isCalledAfterRegister(model: RegisterModel, name: string): boolean {
  const plain = name.replace(/^(?:guest|nested|host|old|new)_/, '');
  return registerNamed(model, plain) !== null || unlistedIn(plain) !== null;
}

/** What the functions give a tracepoint that call it. */
function givenTo(model: RegisterModel, event: string | null, parameter: number): GivenToTrace[] {
  if (event === null) return [];
  const name = `trace_${event}`;
  const given = cFunctions(model).flatMap((fn) =>
    fn.c.words.has(name)
      ? callsOf(model, fn, name).flatMap(({ offset, list }): GivenToTrace[] => {
          const text = list[parameter];
          return text === undefined ? [] : [{ fn, offset, text }];
        })
      : [],
  );
  return [...new Map(given.map((one) => [one.text, one])).values()];
}

/** The calls of a function in another, by its text: one that names no register was not parsed. */
function callsOf(
  model: RegisterModel,
  fn: CFunction,
  name: string,
): { readonly offset: number; readonly list: string[] }[] {
  const text = functionText(model, fn);
  const found: { readonly offset: number; readonly list: string[] }[] = [];
  for (let offset = text.indexOf(`${name}(`); offset >= 0; offset = text.indexOf(`${name}(`, offset + 1))
    found.push({ offset, list: argumentTexts(text, offset).map((argument) => argument.replace(/\s+/g, ' ')) });
  return found;
}
