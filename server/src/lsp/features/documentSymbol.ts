import { DocumentSymbolRequest, SymbolKind, type DocumentSymbol } from 'vscode-languageserver';
import { assemblyOutline, type AssemblyRegion } from '../../syntax/assembler/assemblyOutline.js';
import type { SourceText } from '../../syntax/text/sourceText.js';
import { sourceOf } from '../../model/query/text.js';
import type { AnswerOptions } from '../answerOptions.js';
import type { Place } from '../engine/trees.js';
import { rangeOf } from '../positions.js';
import { switchSetting } from '../settings.js';
import { namedThings } from './namedThings.js';
import { treeRequest } from './feature.js';
import { documentQuestion, inTree } from './treeQuestion.js';

/** The outline of an assembly file, and of a header the registers, accessors and sets in it. Other C is for others to outline. */
export const documentSymbol = treeRequest({
  request: DocumentSymbolRequest.type,
  capability: { documentSymbolProvider: true },
  setting: switchSetting(
    'documentSymbols.enable',
    true,
    'The outline of assembly files, and of headers with registers.',
  ),
  urgency: 'display',
  question: documentQuestion,
  answer: inTree((place, _, options) => {
    const source = sourceOf(place.model, place.path);
    if (!source) return null;
    if (place.path.endsWith('.S')) return assemblySymbols(source, options);
    return place.path.endsWith('.h') ? headerSymbols(place, source, options) : null;
  }),
});

const KINDS: Readonly<Record<AssemblyRegion['kind'], SymbolKind | null>> = {
  function: SymbolKind.Function,
  data: SymbolKind.Variable,
  macro: SymbolKind.Method,
  conditional: null,
  repetition: null,
};

function assemblySymbols(source: SourceText, { encoding }: AnswerOptions): DocumentSymbol[] {
  return assemblyOutline(source.text).flatMap((region) => {
    const kind = KINDS[region.kind];
    if (kind === null || !region.name) return [];
    const name = source.text.slice(region.name.start, region.name.end);
    return [
      { name, kind, range: rangeOf(source, region, encoding), selectionRange: rangeOf(source, region.name, encoding) },
    ];
  });
}

/** Null where the header has nothing of registers. */
function headerSymbols(
  { model, path }: Place,
  source: SourceText,
  { encoding }: AnswerOptions,
): DocumentSymbol[] | null {
  const own = namedThings(model).filter(({ span }) => span.file === path);
  const symbols = own
    .sort((a, b) => a.span.start - b.span.start)
    .map(({ name, detail, kind, span }) => {
      const range = rangeOf(source, span, encoding);
      return { name, ...(detail === null ? {} : { detail }), kind, range, selectionRange: range };
    });
  return symbols.length > 0 ? symbols : null;
}
