import type { Place } from '../backends/place.js';
import { fileOffset } from '../model/callGraph.js';
import { backendOfFile, fieldDescription } from '../model/query/backends.js';
import { registerOfVariable, type Variable } from '../model/query/variables.js';
import type { Register, RegisterModel } from '../model/registerModel.js';
import { fewLines, lineEvidence } from './evidence.js';
import { sidePhrases } from './explainPlace.js';
import { shownStorage } from './explainRegister.js';
import { code, statement, strong, type Explanation, type Phrase } from './explanation.js';
import { ownerLines } from './ownerLines.js';
import { wordsOf } from './words.js';

/** A variable: what it is set from, and where it goes. */
export function explainVariable(model: RegisterModel, name: string, variable: Variable): Explanation {
  const { fn, values, moves, handed, results, givers } = variable;
  const register = registerOfVariable(model, variable);
  const offsets = [
    ...values.map(({ offset }) => offset),
    ...moves.map(({ offset }) => offset),
    ...handed.map(({ call }) => call.offset),
    ...results.map(({ offset }) => offset),
  ];
  return {
    subject: { kind: 'place', name },
    answer: statement(
      [
        strong(name),
        ': ',
        ...whatItIs(variable, register),
        ...sourcePhrases(model, variable),
        ...resultPhrases(variable),
        ...giverPhrases(variable),
        ...targetPhrases(model, variable),
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

function whatItIs({ fn, isParameter, values, results, givers }: Variable, register: Register | null): Phrase[] {
  if (givers.length > 0) return [`a parameter, a value for ${register?.register ?? 'a register'}`];
  if (values.length + results.length > 0) return [isParameter ? 'a parameter' : 'a local variable'];
  const what = register ? `a value for ${register.register}` : 'a value';
  return [what, isParameter ? ', which the caller gives' : `, in ${fn.name}`];
}

/** Places that a line has room for. */
const MOST_PLACES = 4;

function sourcePhrases(model: RegisterModel, { values }: Variable): Phrase[] {
  const places = new Map(
    values.map(({ from, register }) => [`${from.kind} ${from.name}`, { from, register }] as const),
  );
  const shown = [...places.values()].slice(0, MOST_PLACES);
  if (shown.length === 0) return [];
  const sources = shown.map(({ from, register }): Phrase[] => [
    ...(register ? [strong(register.register), ' of '] : []),
    ...sidePhrases(model, from),
  ]);
  const rest = places.size > shown.length ? `, and ${String(places.size - shown.length)} others` : '';
  return [', set from ', ...sources.flatMap((phrases, i) => (i === 0 ? phrases : [', ', ...phrases])), rest];
}

/** `, set to RFLAGS by get_rflags` */
function resultPhrases({ results, values }: Variable): Phrase[] {
  const known = new Set(values.map(({ register }) => register));
  const shown = new Map(
    results.flatMap(({ register, callee }) => (known.has(register) ? [] : [[callee, register] as const])),
  );
  return [...shown]
    .slice(0, MOST_PLACES)
    .flatMap(([callee, { register }]): Phrase[] => [`, set to ${register} by `, code(callee)]);
}

function giverPhrases({ givers }: Variable): Phrase[] {
  const callers = [...new Set(givers.map(({ caller }) => caller.name))];
  return callers.length === 0 ? [] : [' that is given by ', ...fewOf(callers.map((name) => [code(name)]))];
}

function targetPhrases(model: RegisterModel, { moves, handed }: Variable): Phrase[] {
  const places = [...new Map(moves.map(({ to }) => [to.name, to] as const)).values()];
  const callees = [...new Set(handed.map(({ call }) => call.callee))];
  return [
    ...(places.length > 0 ? ['; written to ', ...fewOf(places.map((place) => targetPhrase(model, place)))] : []),
    ...(callees.length > 0 ? ['; handed to ', ...fewOf(callees.map((name) => [code(name)]))] : []),
  ];
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
