import type { Problem, SourceText } from '../syntax/text/sourceText.js';
import type { OutlineItem } from '../syntax/c/outline.js';
import { configGuardsAt } from '../syntax/preprocessor/directives.js';
import { tokenize } from '../syntax/text/tokens.js';
import type { FunctionFacts } from './functionFacts.js';
import { declarationReferences, macroReferences, namesRegister, tokenReferences } from './registers/tokenReferences.js';
import { referenceAt, type Reference } from './registers/reference.js';
import { registerSets, type RegisterSet } from './registers/registerSets.js';
import { isGenericCode } from './source/genericCode.js';
import { listedProblems, type ListedProblem } from './source/listedProblems.js';
import type { SourceOutline } from './source/sourceOutline.js';
import { macroUsesIn } from './symbols/accessors.js';
import { staticCallTables } from './symbols/staticCalls.js';
import { opsTables, type OpsTable } from './symbols/opsTables.js';
import { unsoundItems, type UnsoundItem } from './unsoundItems.js';
import type { TreeSymbols } from './symbols/treeSymbols.js';
import type { FactSymbols } from './symbols/wordRoles.js';

/** A function of a file: where it begins, and what is known of it. */
export interface FileFunction {
  /** Offset of its first character in the file: what the offsets of its facts count from. */
  readonly start: number;
  readonly facts: FunctionFacts;
}

/** What is known of a file. Offsets are the file's, but for those of its functions' facts. */
export interface FileFacts {
  readonly source: SourceText;
  readonly functions: readonly FileFunction[];
  /** Those that may say something of registers or XSAVE state. */
  readonly tellingFunctions: readonly FileFunction[];
  /** All references to registers, those in its functions included, in the order of the text. */
  readonly references: readonly Reference[];
  readonly sets: readonly RegisterSet[];
  readonly tables: readonly OpsTable[];
  readonly problems: readonly ListedProblem[];
}

/** What is known of a file outside of its functions. Offsets are the file's. */
export interface OuterFacts {
  readonly references: readonly Reference[];
  readonly sets: readonly RegisterSet[];
  readonly tables: readonly OpsTable[];
  readonly unsound: readonly UnsoundItem[];
}

/** Extracts what a C file says outside of its functions, given the tree's symbols. */
export function outerFacts(file: SourceOutline, symbols: FactSymbols): OuterFacts {
  // A list of lists: there may be more references than a call takes arguments.
  const references = [
    macroReferences(file, symbols),
    ...file.items.map((item) => itemReferences(file, item, symbols)),
    instantiations(file, symbols),
  ];
  return {
    references: references.flat(),
    sets: registerSets(file, symbols),
    tables: [...opsTables(file, (name) => symbols.macros.get(name)?.definition), ...staticCallTables(file)],
    unsound: unsoundItems(file, symbols),
  };
}

/** Puts a C file's facts together; `facts` are its functions', in their order. */
export function fileFacts(
  file: SourceOutline,
  { references, sets, tables, unsound }: OuterFacts,
  facts: readonly FunctionFacts[],
): FileFacts {
  const functions = file.functions.flatMap(({ start }, i): FileFunction[] => {
    const own = facts[i];
    return own ? [{ start, facts: own }] : [];
  });
  const inFunctions = functions.map(({ start, facts: own }) =>
    own.references.map((reference) => referenceAt(reference, start)),
  );
  const problems = functions.flatMap(({ start, facts: own }) =>
    own.problems.map(({ offset, message }): Problem => ({ offset: start + offset, message })),
  );
  // Of what was parsed more is known than its brackets tell.
  const parsed = new Set(functions.flatMap(({ start, facts: own }) => (own.problems.length > 0 ? start : [])));
  const ofItems = unsound.flatMap(({ item, problems: own }) => (item !== null && parsed.has(item) ? [] : own));
  return {
    source: file.source,
    functions,
    tellingFunctions: functions.filter(({ facts: own }) => own.isTelling),
    references: asKnownIn(file.source.path, [references, ...inFunctions].flat()).sort((a, b) => a.start - b.start),
    sets,
    tables,
    problems: listedProblems(file.source, [...file.problems, ...ofItems, ...problems]),
  };
}

/**
 * To code that every architecture compiles an accessor is a function that the architecture has to offer, not a register:
 * `kvm_rip_read` in a macro of linux/kvm_host.h.
 */
function asKnownIn(path: string, references: readonly Reference[]): Reference[] {
  const isGeneric = isGenericCode(path);
  return references.map((reference) => (isGeneric ? { ...reference, isIndirect: true } : reference));
}

/** The references outside of functions. */
function itemReferences(file: SourceOutline, item: OutlineItem, symbols: TreeSymbols): Reference[] {
  if (item.kind === 'function') return [];
  if (item.kind === 'enum') return declarationReferences(file, item, symbols);
  if (!namesRegister(item.words.keys(), symbols)) return [];
  const tokens = tokenize(file.code, item.start, item.end);
  return tokenReferences(tokens, symbols, null, (offset) => configGuardsAt(file.directives, offset));
}

/** Where a macro is used to make accessors: `BUILD_KVM_GPR_ACCESSORS(ax, RAX)`. */
function instantiations(file: SourceOutline, symbols: TreeSymbols): Reference[] {
  const found = new Map<string, Reference>();
  const uses = macroUsesIn(file);
  for (const { instantiation, member } of symbols.accessors.values()) {
    const use = instantiation?.file === file.source.path ? uses[instantiation.index] : undefined;
    if (!instantiation || !use) continue;
    const [via = ''] = instantiation.macros;
    const { start } = use.item;
    found.set(`${String(start)} ${member}`, {
      start,
      end: start + via.length,
      register: member,
      kind: 'define',
      via,
      function: null,
      guards: instantiation.conditions,
      isIndirect: false,
      statement: start,
    });
  }
  return [...found.values()];
}
