import type { CallSite } from '../syntax/c/outline.js';
import type { FunctionFacts } from './functionFacts.js';
import { isTableName, type Question } from './symbols/symbolQuestions.js';

/*
 * The record of a file's facts, as JSON. What many of its functions have in common stands in it once: questions, and guards,
 * which are the same objects again when it is read.
 */

/** A function's facts without what its text says. Words and calls are there only where macros are expanded in them. */
export type FactsWithoutText = Omit<FunctionFacts, 'words' | 'calls'> & {
  readonly words?: readonly (readonly [string, number])[];
  readonly calls?: readonly CallSite[];
};

/** A function of a record. */
export interface KeptFunction {
  readonly name: string;
  /** A digest of all that makes the function what it is. */
  readonly content: string;
  readonly facts: FactsWithoutText;
  /** Which of the record's questions were asked for its facts. */
  readonly asked: readonly number[];
}

/** A question with a digest of its answer. */
export interface KeptQuestion extends Question {
  readonly answer: string;
}

export interface FactsFile {
  readonly questions: readonly KeptQuestion[];
  /** By name. */
  readonly functions: ReadonlyMap<string, readonly KeptFunction[]>;
}

/** A function to be kept, with the questions themselves. */
type AskedFunction = Omit<KeptFunction, 'asked'> & { readonly questions: readonly Question[] };

/** Writes a file's record. */
export function factsFile(functions: readonly AskedFunction[], answerOf: (question: Question) => string): string {
  const questions = numbering<Question>();
  const guards = numbering<unknown>();
  const written = functions.map(({ name, content, facts, questions: asked }) => {
    return [name, content, withNumbers(facts, guards.of), asked.map(questions.of)];
  });
  const asked = questions.all().map((question) => {
    const { table, outer, name } = question;
    return [table, outer, name, answerOf(question)];
  });
  return JSON.stringify([asked, guards.all(), written]);
}

/** Numbers objects in the order in which they first come, from 0. */
function numbering<Item>() {
  const known = new Map<Item, number>();
  return {
    of: (item: Item): number => {
      const number = known.get(item) ?? known.size;
      known.set(item, number);
      return number;
    },
    all: () => [...known.keys()],
  };
}

function withNumbers(value: unknown, numberOf: (guard: unknown) => number): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => withNumbers(item, numberOf));
  if (!isRecord(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value))
    copy[key] = key === 'guards' && Array.isArray(member) ? member.map(numberOf) : withNumbers(member, numberOf);
  return copy;
}

const NOTHING: FactsFile = { questions: [], functions: new Map() };

/**
 * Reads a file's record; what is none holds nothing. The store has found that the record is what the same build of the program
 * wrote, so that of facts only the outline is looked at.
 */
export function parseFactsFile(text: string): FactsFile {
  const record = text === '' ? null : parsedJson(text);
  if (!Array.isArray(record)) return NOTHING;
  const [questions, guards, functions] = record.map(listed);
  if (!questions || !guards || !functions) return NOTHING;
  const byName = new Map<string, KeptFunction[]>();
  for (const fn of functions.flatMap((one) => keptFunction(one, guards) ?? [])) {
    const named = byName.get(fn.name);
    if (named) named.push(fn);
    else byName.set(fn.name, [fn]);
  }
  const asked = questions.flatMap((one) => keptQuestion(one) ?? []);
  return asked.length === questions.length ? { questions: asked, functions: byName } : NOTHING;
}

/** A list of what is not known yet; empty for what is no list. */
function listed(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function keptQuestion(value: unknown): KeptQuestion | null {
  const [table, outer, name, answer] = listed(value);
  const isOne = typeof table === 'string' && isTableName(table) && (outer === null || typeof outer === 'string');
  return isOne && typeof name === 'string' && typeof answer === 'string' ? { table, outer, name, answer } : null;
}

function keptFunction(value: unknown, guards: readonly unknown[]): KeptFunction | null {
  const [name, content, facts, asked] = listed(value);
  if (typeof name !== 'string' || typeof content !== 'string' || !isFacts(facts) || !isNumbers(asked)) return null;
  putGuards(facts, guards);
  return { name, content, facts, asked };
}

function isFacts(value: unknown): value is FactsWithoutText {
  return isRecord(value) && ['callFacts', 'moves', 'references'].every((list) => Array.isArray(value[list]));
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'number');
}

/** Puts guards where their numbers stand. */
function putGuards(value: unknown, guards: readonly unknown[]): void {
  if (Array.isArray(value)) for (const item of value) putGuards(item, guards);
  if (!isRecord(value)) return;
  for (const key in value) {
    const member = value[key];
    if (key === 'guards' && isNumbers(member)) value[key] = member.map((number) => guards[number]);
    else if (typeof member === 'object') putGuards(member, guards);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
