import type { Token } from '../../syntax/text/tokens.js';
import { macrosReaching } from '../source/macroIndex.js';
import type { SourceOutline } from '../source/sourceOutline.js';

/** The macros that may make one of some names of two halves (`VCPU_REGS_ ## REG`), and those that come to such a macro. */
export function pastingMacros(outlines: readonly SourceOutline[], names: readonly string[]): Set<string> {
  const isHalf = (text: string) => names.some((name) => name.startsWith(text) || name.endsWith(text));
  const pasting = outlines.flatMap(({ directives }) =>
    directives.macros
      .filter(({ parameters, body }) => parameters !== null && pastedHalves(body, parameters).some(isHalf))
      .map(({ name }) => name),
  );
  return new Set([...pasting, ...macrosReaching(outlines, pasting)]);
}

/** The words beside `##` that are no parameters. */
function pastedHalves(body: readonly Token[], parameters: readonly string[]): string[] {
  const beside = body.flatMap((token, i) => (token.text === '##' ? [body[i - 1], body[i + 1]] : []));
  return beside.flatMap((token) => (token?.kind === 'word' && !parameters.includes(token.text) ? [token.text] : []));
}
