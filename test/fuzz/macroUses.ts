import { outlineSource } from '../../server/src/facts/source/sourceOutline.js';
import type { TreeText } from '../../server/src/model/readTree.js';
import { joinedTokens, tokenize, type Token } from '../../server/src/syntax/text/tokens.js';

/** A tree's macros, one of each name, and its uses of those that take arguments. */
export interface MacroUses {
  readonly defines: string;
  readonly uses: readonly string[];
}

export function macroUsesOf({ files }: TreeText): MacroUses {
  const outlines = files.filter(({ path }) => /\.[ch]$/.test(path)).map(({ path, text }) => outlineSource(path, text));
  const definitions = new Map(
    outlines.flatMap(({ source, directives }) =>
      directives.macros.map(
        (macro) =>
          [
            macro.name,
            { text: source.text.slice(macro.start, macro.end), takesArguments: macro.parameters !== null },
          ] as const,
      ),
    ),
  );
  const takesArguments = (name: string) => definitions.get(name)?.takesArguments === true;
  return {
    defines: [...definitions.values()].map(({ text }) => `${text}\n`).join(''),
    uses: [...new Set(outlines.flatMap(({ code }) => usesIn(tokenize(code), takesArguments)))],
  };
}

/** The uses among tokens of macros that take arguments, each as a line of text. */
function usesIn(tokens: readonly Token[], takesArguments: (name: string) => boolean): string[] {
  return tokens.flatMap((token, i) => {
    if (!takesArguments(token.text) || tokens[i + 1]?.text !== '(') return [];
    let depth = 0;
    const length = tokens.slice(i + 1).findIndex(({ text }) => {
      depth += text === '(' ? 1 : text === ')' ? -1 : 0;
      return depth === 0;
    });
    return length < 0 ? [] : [joinedTokens(tokens.slice(i, i + length + 2))];
  });
}
