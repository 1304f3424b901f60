import { isSameList } from '../../cache/memoize.js';
import { sourceText } from '../../syntax/text/sourceText.js';
import type { SourceOutline } from '../source/sourceOutline.js';
import type { AsmFileFacts } from './asmFile.js';
import type { AsmFunctionFacts } from './asmFunction.js';
import { namesOf, textsOf, type AssemblyInput } from './assemblyInput.js';
import type { TreeFile } from './includes.js';

/** What assembly says, and what C files say that were asked for. */
export interface KnownAssembly {
  /** Whichever C files are asked for. */
  readonly facts: readonly AsmFileFacts[];
  /** The functions in C that assembly names. */
  readonly inC: ReadonlySet<string>;
  /** Of the C files that were asked for, the functions that enter a guest. */
  readonly inline: WeakMap<SourceOutline, readonly AsmFunctionFacts[]>;
}

/** Assembly as plain data, without the texts that it is of. */
export interface KeptAssembly {
  /** What C says of names in it, as it is compared. */
  readonly names: readonly string[];
  readonly inC: ReadonlySet<string>;
  readonly facts: readonly KeptAssemblyFile[];
  /** In the order of the outlines; null for one that was not asked for. */
  readonly inline: readonly (readonly AsmFunctionFacts[] | null)[];
}

interface KeptAssemblyFile extends Omit<AsmFileFacts, 'source'> {
  readonly path: string;
}

/** What an earlier process kept, and the texts that it is of. */
export interface AssemblyBefore {
  readonly kept: KeptAssembly;
  readonly files: readonly TreeFile[];
  readonly outlines: readonly SourceOutline[];
}

/** Assembly that was read of an input, to be kept. */
export function keptAssembly(
  input: AssemblyInput,
  { facts, inC, inline }: KnownAssembly,
  outlines: readonly SourceOutline[],
): KeptAssembly {
  return {
    names: namesOf(input),
    inC,
    facts: facts.map(({ source: { path }, ...others }) => ({ path, ...others })),
    inline: outlines.map((outline) => inline.get(outline) ?? null),
  };
}

/** What an earlier process read of the same texts and names, and of C files; null where they are others. */
export function assemblyBefore(before: AssemblyBefore | null, input: AssemblyInput): KnownAssembly | null {
  if (!before) return null;
  const { kept, files, outlines } = before;
  if (!isSameList(kept.names, namesOf(input)) || !isSameList(textsOf(files), textsOf(input.files))) return null;
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  const facts = kept.facts.map(({ path, ...others }) => ({
    source: sourceText(path, texts.get(path) ?? ''),
    ...others,
  }));
  const inline: KnownAssembly['inline'] = new WeakMap();
  outlines.forEach((outline, i) => {
    const functions = kept.inline[i];
    if (functions) inline.set(outline, functions);
  });
  return { facts, inC: kept.inC, inline };
}
