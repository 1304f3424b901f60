import {
  DocumentHighlightKind,
  SymbolKind,
  type DocumentHighlight,
  type Location,
  type SymbolInformation,
} from 'vscode-languageserver';
import { backendOfFile } from '../explain/backendOfFile.js';
import { definitionsAt } from '../explain/definitions.js';
import {
  distinctSpans,
  isOwn,
  ownReferences,
  registersAt,
  transferToken,
  type FileSpan,
} from '../explain/registersAtCursor.js';
import { owningWays, stateAt } from '../explain/xsave/stateAt.js';
import { stateReferences, wayToken } from '../explain/xsave/stateReferences.js';
import type { XsaveSubject } from '../explain/xsave/xsaveSubject.js';
import type { Reference } from '../facts/registers/references.js';
import type { RegisterOwner, Register, RegisterModel } from '../model/registerModel.js';
import type { AnswerOptions, PlaceAnswer } from './answers.js';
import { locationsOf, offsetOf, rangeOf, uriOf } from './positions.js';
import type { PlaceParams } from './protocol.js';
import type { Place } from './workspace.js';

/** What a question about an offset of a file answers for an editor's position. */
const atPosition =
  <Answer>(ask: (model: RegisterModel, path: string, offset: number) => Answer | null): PlaceAnswer<Answer> =>
  ({ model, path }, { position }, options) => {
    const source = model.files.get(path)?.source;
    return source ? ask(model, path, offsetOf(source, position, options.encoding)) : null;
  };

const registersOf = atPosition(registersAt);
const stateOf = atPosition(stateAt);

/** A register's owners that are wanted, the file's backend first. */
export function ownersFirst(
  model: RegisterModel,
  path: string,
  register: Register,
  options: AnswerOptions,
): RegisterOwner[] {
  const first = backendOfFile(model, path);
  const wanted = register.owners.filter(
    ({ backend }) => options.backends.length === 0 || options.backends.includes(backend),
  );
  return [...wanted].sort((a, b) => Number(b.backend === first) - Number(a.backend === first));
}

/**
 * textDocument/implementation: the transfers that bring a register into the cache, the file's backend first; of XSAVE state,
 * what switches it.
 */
export const implementation: PlaceAnswer<Location[]> = (place, params, options) => {
  const { model, path } = place;
  const found = registersOf(place, params, options);
  const state = found ? null : stateOf(place, params, options);
  const spans = found
    ? found.registers.flatMap((register) =>
        ownersFirst(model, path, register, options).flatMap((owner) =>
          owner.load.map((t) => transferToken(model, register, t)),
        ),
      )
    : state && owningWays(model, state.subject).map((way) => wayToken(model, way));
  return nonEmpty(locationsOf(model, distinctSpans(spans ?? []), options.encoding));
};

/** textDocument/definition: only where more is known than an indexer of C knows. */
export const definition: PlaceAnswer<Location[]> = ({ model, path }, { position }, options) => {
  const source = model.files.get(path)?.source;
  if (!source) return null;
  const spans = definitionsAt(model, path, offsetOf(source, position, options.encoding));
  return nonEmpty(locationsOf(model, distinctSpans(spans), options.encoding));
};

/** textDocument/declaration: the enum member, of a register or of an XSAVE component. */
export const declaration: PlaceAnswer<Location[]> = (place, params, options) => {
  const found = registersOf(place, params, options);
  const component = found ? null : (stateOf(place, params, options)?.subject.component ?? null);
  const members = (found?.registers ?? []).flatMap(({ member }): FileSpan[] =>
    member?.declared
      ? [{ file: member.declared.file, start: member.offset, end: member.offset + member.name.length }]
      : [],
  );
  return nonEmpty(locationsOf(place.model, [...members, ...declared(component)], options.encoding));
};

function declared(component: XsaveSubject['component']): FileSpan[] {
  if (!component) return [];
  const { file, offset } = component.declared;
  return [{ file, start: offset, end: offset + component.name.length }];
}

/** textDocument/references: every one of a register's own, or of XSAVE state. */
export const references: PlaceAnswer<Location[]> = (place, params, options) => {
  const found = registersOf(place, params, options);
  const state = found ? null : stateOf(place, params, options);
  const spans = found
    ? found.registers.flatMap((register) => ownReferences(place.model, register))
    : state
      ? stateReferences(place.model, state.subject)
      : [];
  return nonEmpty(locationsOf(place.model, distinctSpans(spans), options.encoding));
};

/** textDocument/documentHighlight: the token that is asked about and a register's own references in the file, with what they do. */
export const documentHighlight: PlaceAnswer<DocumentHighlight[]> = (place, params, options) => {
  const found = registersOf(place, params, options);
  const file = place.model.files.get(place.path);
  if (!found && file) return stateHighlights(place, params, options);
  if (!found || found.registers.length === 0 || !file) return null;
  const own = file.references.filter((reference) => found.registers.some((register) => isOwn(reference, register)));
  const highlights = own.map((reference): DocumentHighlight => ({
    range: rangeOf(file.source, reference, options.encoding),
    kind: highlightKind(reference),
  }));
  // What moves or stands for several registers is no reference of one.
  const hasToken = own.some(({ start }) => start === found.token.start);
  return hasToken ? highlights : [{ range: rangeOf(file.source, found.token, options.encoding) }, ...highlights];
};

function stateHighlights(place: Place, params: PlaceParams, options: AnswerOptions): DocumentHighlight[] | null {
  const state = stateOf(place, params, options);
  const source = place.model.files.get(place.path)?.source;
  if (!state || !source) return null;
  return stateReferences(place.model, state.subject)
    .filter(({ file }) => file === place.path)
    .map((span) => ({ range: rangeOf(source, span, options.encoding) }));
}

function highlightKind({ kind }: Reference): DocumentHighlightKind {
  if (/^write|readwrite|asm-store/.test(kind)) return DocumentHighlightKind.Write;
  return /^read|asm-load/.test(kind) ? DocumentHighlightKind.Read : DocumentHighlightKind.Text;
}

/** workspace/symbol: registers, XSAVE components, accessors, world-switch functions whose name holds the query, in any case. */
export function symbols(models: readonly RegisterModel[], query: string, options: AnswerOptions): SymbolInformation[] {
  const wanted = query.toLowerCase();
  return models.flatMap((model) =>
    namedThings(model)
      .filter(({ name }) => name.toLowerCase().includes(wanted))
      .flatMap(({ name, kind, span }) => {
        const source = model.files.get(span.file)?.source;
        if (!source) return [];
        return [
          {
            name,
            kind,
            location: { uri: uriOf(model.root, span.file), range: rangeOf(source, span, options.encoding) },
          },
        ];
      }),
  );
}

interface NamedThing {
  readonly name: string;
  readonly kind: SymbolKind;
  readonly span: FileSpan;
}

function namedThings(model: RegisterModel): NamedThing[] {
  const members = model.symbols.registers.members.flatMap(({ name, declared, offset }): NamedThing[] =>
    declared
      ? [{ name, kind: SymbolKind.EnumMember, span: { file: declared.file, start: offset, end: offset + name.length } }]
      : [],
  );
  const accessors = [...model.symbols.accessors.values()].map(({ name, file, offset, instantiation }): NamedThing => {
    const end = offset + (instantiation?.macros[0] ?? name).length;
    return { name, kind: SymbolKind.Function, span: { file, start: offset, end } };
  });
  const switches = model.assembly.flatMap(({ source, functions }) =>
    functions
      .filter((fn) => !fn.isInline && (fn.entry !== null || fn.transfers.length > 0))
      .map((fn): NamedThing => ({
        name: fn.name,
        kind: SymbolKind.Function,
        span: { file: source.path, start: fn.offset, end: fn.offset + fn.name.length },
      })),
  );
  const components = model.xsave.components.flatMap((component) =>
    declared(component).map((span): NamedThing => ({ name: component.name, kind: SymbolKind.EnumMember, span })),
  );
  return [...members, ...components, ...accessors, ...switches];
}

function nonEmpty<T>(items: T[]): T[] | null {
  return items.length > 0 ? items : null;
}
