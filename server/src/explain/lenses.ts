import { functionNameSpan } from '../facts/fileFacts.js';
import { wordsOf, type Words } from './words.js';
import type { AsmFunctionFacts } from '../facts/assembly/asmFunction.js';
import type { ModelFile, Register, RegisterModel } from '../model/registerModel.js';
import type { Span } from '../syntax/text/sourceText.js';
import { explainWorldSwitch } from './explainAssembly.js';
import { moveGroups, summaryOf } from './explainFunction.js';
import { explainSet } from './explainSet.js';
import { statementText } from './explanationText.js';
import { distinctSpans, ownReferences, transferToken, type FileSpan } from './registersAtCursor.js';
import { xsaveLenses } from './xsave/xsaveLenses.js';

/** A line above a piece of code that sums up what is known of it. */
export interface Lens {
  readonly span: Span;
  readonly title: string;
  /** What the line leads to. */
  readonly locations: readonly FileSpan[];
}

/** Which lenses a user wants. */
interface LensOptions {
  /** Also on functions that only read or write registers. */
  readonly everyFunction: boolean;
}

/** The lenses of a file, in the order of the text. */
export function lensesOf(model: RegisterModel, path: string, options: LensOptions): Lens[] {
  const file = model.files.get(path);
  if (!file) return [];
  const lenses = [
    ...registerLenses(model, file),
    ...instantiationLenses(model, file),
    ...worldSwitchLenses(model, path),
    ...functionLenses(model, file, options),
    ...setLenses(model, file),
    ...xsaveLenses(model, file),
  ];
  return lenses.sort((a, b) => a.span.start - b.span.start);
}

function registerLenses(model: RegisterModel, file: ModelFile): Lens[] {
  return file.references
    .filter((reference) => reference.kind === 'declare')
    .flatMap((reference) => {
      const register = model.registers.find((r) => r.member?.name === reference.register);
      if (!register) return [];
      const locations = ownReferences(model, register);
      const calls = locations.filter((span) => isAccessorCall(model, span)).length;
      const owners = register.owners.filter((owner, i, all) => all.findIndex((o) => o.backend === owner.backend) === i);
      const parts = ownerParts(
        wordsOf(model),
        owners.filter((owner) => owner.sync !== 'none'),
      );
      const count = `${String(locations.length)} refs${calls > 0 ? `, ${String(calls)} accessor calls` : ''}`;
      return [{ span: reference, title: [...parts, count].join(' · '), locations }];
    });
}

/** `VMX: switched`; backends of which the same is to be said, in one part. */
function ownerParts(words: Words, owners: Register['owners']): string[] {
  const backends = new Map<string, string[]>();
  for (const owner of owners) {
    const text = shortOwner(words, owner);
    backends.set(text, [...(backends.get(text) ?? []), words.backend(owner.backend)]);
  }
  return [...backends].map(([text, titles]) => `${titles.join(', ')}: ${text}`);
}

function shortOwner(words: Words, { sync, place, missing }: Register['owners'][number]): string {
  const lacks = missing.length > 0 ? ', incomplete' : '';
  if (place.kind === 'hardware') return `${sync === 'switched' ? '' : 'hardware, '}${sync}${lacks}`;
  const name = place.name.replace(/\{.*\}$/, '*');
  if (sync === 'lazy' || sync === 'eager' || sync === 'direct')
    return `${words.place(place.kind).lead}${name}, ${sync}`;
  if (sync === 'partial') return words.place(place.kind).passing?.short(name) ?? name;
  return sync;
}

function isAccessorCall(model: RegisterModel, span: FileSpan): boolean {
  const text = model.files.get(span.file)?.source.text.slice(span.start, span.end);
  return text !== undefined && model.symbols.accessors.has(text);
}

function instantiationLenses(model: RegisterModel, file: ModelFile): Lens[] {
  return file.references
    .filter((reference) => reference.kind === 'define')
    .flatMap((reference) => {
      const made = [...model.symbols.accessors.values()].filter(
        (a) => a.instantiation?.start === reference.start && a.file === file.source.path,
      );
      const names = new Set(made.map((accessor) => accessor.name));
      if (names.size === 0) return [];
      const locations = callsOf(model, names);
      return [
        { span: reference, title: `makes ${[...names].join(', ')} · ${String(locations.length)} calls`, locations },
      ];
    });
}

function callsOf(model: RegisterModel, names: ReadonlySet<string>): FileSpan[] {
  return [...model.files.values()].flatMap((file) =>
    file.references.filter((r) => names.has(r.via)).map(({ start, end }) => ({ file: file.source.path, start, end })),
  );
}

function worldSwitchLenses(model: RegisterModel, path: string): Lens[] {
  const assembly = model.assembly.find((file) => file.source.path === path);
  return (assembly?.functions ?? []).flatMap((fn) => {
    const explanation = fn.isInline ? null : explainWorldSwitch(model, path, fn);
    const title = explanation
      ? statementText({ ...explanation.answer, evidence: [] }).replace(`${fn.name}: `, '')
      : helperTitle(model, path, fn);
    if (title === '') return [];
    const slots = model.slots.filter((slot) => slot.file === path && slot.function === fn && slot.isGuest);
    const locations = slots.map(({ name }) => ({ file: path, start: name.start, end: name.end }));
    return [
      { span: { start: fn.offset, end: fn.offset + fn.name.length }, title, locations: distinctSpans(locations) },
    ];
  });
}

/** What an assembly function moves that does not enter a guest; '' for one that moves nothing, and for one in C. */
function helperTitle(model: RegisterModel, path: string, fn: AsmFunctionFacts): string {
  const node = fn.isInline ? null : model.graph.find(fn.name, path);
  return node ? summaryOf(moveGroups(model, node)) : '';
}

function functionLenses(model: RegisterModel, file: ModelFile, options: LensOptions): Lens[] {
  const { path } = file.source;
  return (file.facts?.functions ?? []).flatMap((fn) => {
    const { name } = fn.facts;
    const node = model.graph.find(name, path);
    if (node?.file !== path) return [];
    const span = functionNameSpan(fn);
    const groups = moveGroups(model, node);
    if (groups.length > 0) {
      const locations = groups.flatMap((group) => group.transfers.map((t) => tokenIn(model, t)));
      return [{ span, title: summaryOf(groups), locations: distinctSpans(locations) }];
    }
    return options.everyFunction ? usageLens(model, file, name, span) : [];
  });
}

function tokenIn(model: RegisterModel, transfer: Register['transfers'][number]): FileSpan {
  const name = transfer.to?.register ?? transfer.from?.register;
  const register = model.registers.find((r) => r.member !== null && r.member.name === name);
  return transferToken(model, register ?? null, transfer);
}

function usageLens(model: RegisterModel, file: ModelFile, name: string, span: Span): Lens[] {
  const own = file.references.filter(
    (r) => r.function === name && r.register !== null && /^(?:read|write|readwrite)$/.test(r.kind),
  );
  if (own.length === 0) return [];
  const names = (kind: RegExp) => [
    ...new Set(
      own
        .filter((r) => kind.test(r.kind))
        .map((r) => model.symbols.registers.byName.get(r.register ?? '')?.register ?? ''),
    ),
  ];
  const [reads, writes] = [names(/read/), names(/write/)];
  const parts = [
    ...(reads.length > 0 ? [`reads ${reads.join(' ')}`] : []),
    ...(writes.length > 0 ? [`writes ${writes.join(' ')}`] : []),
  ];
  return [
    {
      span,
      title: parts.join(' · '),
      locations: own.map(({ start, end }) => ({ file: file.source.path, start, end })),
    },
  ];
}

function setLenses(model: RegisterModel, file: ModelFile): Lens[] {
  const { path } = file.source;
  return (file.facts?.sets ?? []).map((set) => {
    const explanation = explainSet(model, { ...set, file: path });
    const title = statementText({ ...explanation.answer, evidence: [] }).replace(`${set.name}: `, '');
    const locations = [...model.files].flatMap(([other, { facts }]) =>
      (facts?.functions ?? []).flatMap((fn) => {
        const offset = fn.facts.words.get(set.name);
        const start = fn.start + (offset ?? 0);
        return offset === undefined ? [] : [{ file: other, start, end: start + set.name.length }];
      }),
    );
    return { span: { start: set.offset, end: set.offset + set.name.length }, title, locations };
  });
}
