import { forEachToken } from '../syntax/tokens.js';
import { lineAt, type Span } from '../syntax/sourceText.js';
import type { Reference } from '../facts/references.js';
import type { ModelFile, RegisterModel } from '../model/registerModel.js';
import { explainAssembly, explainWorldSwitch } from './explainAssembly.js';
import { explainFunction } from './explainFunction.js';
import { explainOperation } from './explainOperation.js';
import { explainReference } from './explainReference.js';
import { explainSet, findSet } from './explainSet.js';
import { explainNumberMacro, explainSlotOffset } from './explainSymbol.js';
import type { Explanation } from './explanation.js';

/** An explanation with the token that it is about. */
export interface ExplanationAt extends Span {
  readonly explanation: Explanation;
}

/** What is known of the token at an offset of a file; null where that is nothing. */
export function explainAt(model: RegisterModel, path: string, offset: number): ExplanationAt | null {
  const file = model.files.get(path);
  if (!file) return null;
  const reference = referenceAt(file, offset);
  // A wrapper's name may stand for several registers; the function says which.
  if (reference && !(reference.isIndirect && isWrapper(model, reference))) {
    return { start: reference.start, end: reference.end, explanation: explainReference(model, file, reference) };
  }
  const word = wordAt(file.source.text, offset);
  if (!word) return null;
  const name = file.source.text.slice(word.start, word.end);
  const explanation =
    explainWord(model, path, offset, name) ?? (reference ? explainReference(model, file, reference) : null);
  return explanation && { ...word, explanation };
}

/** What is known of a line: of its first reference, else of its first word that means something. */
export function explainLine(model: RegisterModel, path: string, line: number): ExplanationAt | null {
  const file = model.files.get(path);
  const start = file?.source.lineStarts[line - 1];
  if (!file || start === undefined) return null;
  const end = file.source.lineStarts[line] ?? file.source.text.length;
  const reference = file.references.find((r) => r.start >= start && r.start < end);
  if (reference) return explainAt(model, path, reference.start);
  for (const match of file.source.text.slice(start, end).matchAll(/[A-Za-z_]\w*/g)) {
    const found = explainAt(model, path, start + match.index);
    if (found) return found;
  }
  return null;
}

/** The reference whose token covers an offset: a register's own before one by way of a wrapper or field. */
function referenceAt(file: ModelFile, offset: number): Reference | undefined {
  const covering = file.references.filter((reference) => reference.start <= offset && offset < reference.end);
  return covering.find((reference) => !reference.isIndirect) ?? covering[0];
}

function isWrapper(model: RegisterModel, reference: Reference): boolean {
  return (model.vocabulary.wrappers.get(reference.via)?.uses.length ?? 0) > 1;
}

/** The word at an offset of a text, outside comments. */
export function wordAt(text: string, offset: number): Span | null {
  let found: Span | null = null;
  forEachToken(text, 0, text.length, (kind, start, end) => {
    if (kind === 'word' && start <= offset && offset < end) found = { start, end };
  });
  return found;
}

function explainWord(model: RegisterModel, path: string, offset: number, name: string): Explanation | null {
  const set = findSet(model, name);
  if (set) return explainSet(model, set);
  const asm = model.assembly.find((file) => file.source.path === path)?.functions.find((fn) => fn.name === name);
  return (
    (asm ? explainWorldSwitch(model, path, asm) : null) ??
    explainNumberMacro(model, name) ??
    explainSlotOffset(model, path, name) ??
    explainAssembly(model, path, offset, name) ??
    explainFunctionNamed(model, path, name) ??
    explainOperation(model, name)
  );
}

function explainFunctionNamed(model: RegisterModel, path: string, name: string): Explanation | null {
  const node = model.graph.find(name, path);
  if (!node) return null;
  return (
    (node.asm && !node.c ? explainWorldSwitch(model, node.file, node.asm) : null) ??
    explainFunction(model, node) ??
    explainWrapper(model, node.name)
  );
}

function explainWrapper(model: RegisterModel, name: string): Explanation | null {
  const wrapper = model.vocabulary.wrappers.get(name);
  const file = wrapper ? model.files.get(wrapper.file) : undefined;
  if (!wrapper || !file) return null;
  const registers = wrapper.uses.map(
    (use) => `${model.vocabulary.registers.byName.get(use.member)?.register ?? use.member} (${use.kind})`,
  );
  return {
    subject: { kind: 'function', name },
    answer: {
      phrases: [{ strong: name }, `: built on accessors, ${registers.join(', ')} of the register cache`],
      evidence: [{ file: wrapper.file, line: lineAt(file.source, wrapper.offset) }],
    },
    owners: [],
    notes: [],
  };
}
