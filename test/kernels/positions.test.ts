import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { explainAt } from '../../server/src/explain/explainAt.js';
import type { Explanation } from '../../server/src/explain/explanation.js';
import { phraseText, statementText } from '../../server/src/explain/explanationText.js';
import type { RegisterModel } from '../../server/src/model/registerModel.js';
import { offsetAt } from '../../server/src/syntax/text/sourceText.js';
import { modelOfTree } from '../engine.js';
import { describeKernels } from '../kernels.js';

/** What a right answer at a place of a kernel says, from reading the kernel. A pattern is words, or `/a regex/`. */
interface Position {
  /** `FILE:LINE:COLUMN`, as `kvm-regs explain` takes it. */
  readonly at: string;
  /** Stands there. */
  readonly token: string;
  /** What makes it hard. */
  readonly why: string;
  /** No guest register: nothing is said, or the answer denies that it is one. */
  readonly silent?: true;
  /** Each is in the answer. */
  readonly first: readonly string[];
  /** Each is in the text. */
  readonly says: readonly string[];
  /** None is in any line of the text. */
  readonly never?: readonly string[];
}

describeKernels('hand-picked positions are explained', (kernel) => {
  const picked = new URL(`../positions/${kernel.version}.json`, import.meta.url);

  describe.skipIf(!existsSync(picked))('each says what a right answer says', () => {
    let model: RegisterModel;

    beforeAll(async () => {
      model = await modelOfTree(kernel.root);
    });

    for (const position of positionsIn(picked)) {
      it(`${position.at} ${position.token}: ${position.why}`, () => {
        expect(tokenAt(model, position)).toBe(position.token);
        const found = shortcomings(linesAt(model, position.at), position);
        expect(found, found.join('\n')).toEqual([]);
      });
    }
  });
});

/** The positions of a file; none where there is no file. */
function positionsIn(file: URL): readonly Position[] {
  const positions: unknown = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
  if (!Array.isArray(positions) || !positions.every(isPosition)) throw new Error(`${file.pathname} holds no positions`);
  return positions;
}

function isPosition(value: unknown): value is Position {
  const position = Object(value) as Record<keyof Position, unknown>;
  return (
    [position.at, position.token, position.why].every((text) => typeof text === 'string') &&
    [position.first, position.says, position.never ?? []].every(isTexts)
  );
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}

function tokenAt(model: RegisterModel, { at, token }: Position): string {
  const { text, offset } = placeOf(model, at);
  return text.slice(offset, offset + token.length);
}

/** The text of the answer there: its first line, a line for each backend, a line for each note. Empty where there is none. */
function linesAt(model: RegisterModel, at: string): readonly string[] {
  const { path, offset } = placeOf(model, at);
  const found = explainAt(model, path, offset);
  return found ? linesOf(found.explanation) : [];
}

function linesOf({ answer, owners, notes }: Explanation): readonly string[] {
  return [
    statementText(answer),
    ...owners.map(({ title, when, kept, steps }) =>
      [title, when ?? '', phraseText(kept), ...steps.map(statementText)].join(' '),
    ),
    ...notes.map(statementText),
  ];
}

function placeOf(model: RegisterModel, at: string): { path: string; text: string; offset: number } {
  const [, path = '', line, column] = /^(.+):(\d+):(\d+)$/.exec(at) ?? [];
  const source = model.files.get(path)?.source;
  const offset = source ? offsetAt(source, Number(line), Number(column)) : null;
  if (!source || offset === null) throw new Error(`no ${at} in ${model.root}`);
  return { path, text: source.text, offset };
}

/** What a text lacks or says wrongly, with the text; empty where it is right. */
function shortcomings(lines: readonly string[], position: Position): readonly string[] {
  const wrong = position.silent ? claims(lines) : differences(lines, position);
  return wrong.length > 0 ? [...wrong, ...lines] : [];
}

function claims([first]: readonly string[]): readonly string[] {
  const denies = first === undefined || /no guest register|\bhost\b/.test(first);
  return denies ? [] : ['says something of what is no guest register'];
}

function differences(lines: readonly string[], { first, says, never = [] }: Position): readonly string[] {
  const [answer = ''] = lines;
  const text = lines.join('\n');
  return [
    ...first.filter((pattern) => !has(answer, pattern)).map((pattern) => `first line lacks ${pattern}`),
    ...says.filter((pattern) => !has(text, pattern)).map((pattern) => `lacks ${pattern}`),
    ...never.filter((pattern) => lines.some((line) => has(line, pattern))).map((pattern) => `says ${pattern}`),
  ];
}

function has(text: string, pattern: string): boolean {
  const [, source, flags] = /^\/(.+)\/(\w*)$/.exec(pattern) ?? [];
  return source === undefined ? text.includes(pattern) : new RegExp(source, flags).test(text);
}
