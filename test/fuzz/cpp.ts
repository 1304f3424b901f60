import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { expand } from '../../server/src/syntax/preprocessor/macroExpansion.js';
import { readDirectives } from '../../server/src/syntax/preprocessor/directives.js';
import { tokenize } from '../../server/src/syntax/text/tokens.js';

/** Names that a preprocessor knows of itself, which here are nothing but names. */
const OWN_NAMES = ['LINE', 'FILE', 'BASE_FILE', 'INCLUDE_LEVEL', 'COUNTER', 'DATE', 'TIME', 'TIMESTAMP'];

/** Whether GCC is there. */
export function hasCpp(): boolean {
  return spawnSync('gcc', ['--version']).status === 0;
}

/** A text that our expander makes other tokens of than GCC does. */
export interface Disagreement {
  readonly text: string;
  readonly ours: string;
  readonly gcc: string;
}

/**
 * Expands each text by our expander and by `gcc -E`, with the same `#define`s. Compares tokens, not white space. A text in which
 * GCC finds an error is not compared, for C does not say what it is then. Throws where there is one in the `#define`s.
 */
export function disagreements(defines: string, texts: readonly string[]): Disagreement[] {
  const macros = new Map(readDirectives(defines).macros.map((macro) => [macro.name, macro]));
  const expanded = expandedByGcc(defines, texts);
  return texts.flatMap((text, i) => {
    const gcc = expanded[i]?.join(' ') ?? null;
    const ours = expand(tokenize(text), (name) => macros.get(name))
      .map((token) => token.text)
      .join(' ');
    return gcc === null || ours === gcc ? [] : [{ text, ours, gcc }];
  });
}

/** Throws where the two disagree on a text, and says how. */
export function assertAgreement(defines: string, texts: readonly string[]): void {
  const [first] = disagreements(defines, texts);
  if (first) throw new Error(`${first.text}\nours: ${first.ours}\ngcc:  ${first.gcc}`);
}

/** The tokens that GCC makes of each text, which is one line; null where it finds an error. */
export function expandedByGcc(defines: string, texts: readonly string[]): (readonly string[] | null)[] {
  const before = `${OWN_NAMES.map((name) => `#undef __${name}__\n`).join('')}${defines}\n`;
  const first = before.split('\n').length;
  const lines = texts.flatMap((text, i) => [`;"text ${i}";`, text]);
  const options = ['-E', '-P', '-w', '-undef', '-nostdinc', '-x', 'c', '-'];
  const { stdout, stderr, status, error } = spawnSync('gcc', options, {
    input: `${before}${lines.join('\n')}\n`,
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  if (error) throw error;
  // An error in what a macro makes is told at the macro's line, with notes that lead to the line of its use.
  const told = Array.from(stderr.matchAll(/^<stdin>:(\d+):/gm), ([, line]) => Number(line) - first);
  const wrong = new Set(told.filter((line) => line >= 0));
  if (status !== 0 && wrong.size === 0) throw new Error(`gcc does not take the macros: ${stderr}`);
  return stdout
    .split(/;\s*"text \d+"\s*;/)
    .slice(1)
    .map((text, i) => (wrong.has(2 * i + 1) ? null : tokenize(text).map((token) => token.text)));
}
