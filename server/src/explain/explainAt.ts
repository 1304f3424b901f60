import { forEachToken } from '../syntax/text/tokens.js';
import { lineAt, type Span } from '../syntax/text/sourceText.js';
import type { Reference } from '../facts/registers/reference.js';
import type { ModelFile, RegisterModel } from '../model/registerModel.js';
import { explainAsmMacro, explainAssembly, explainWorldSwitch } from './explainAssembly.js';
import { explainEgpr } from './explainEgpr.js';
import { explainFunction } from './explainFunction.js';
import { explainOperation } from './explainOperation.js';
import { explainReference } from './explainReference.js';
import { explainSet, findSet } from './explainSet.js';
import { explainArrayOffset, explainNumberMacro, explainSlotOffset } from './explainSymbol.js';
import type { Explanation } from './explanation.js';
import { explainXsaveIoctl, explainXsaveState } from './xsave/explainXsave.js';
import { explainXsaveFunction } from './xsave/explainXsaveFunction.js';
import { xsaveSubjectAt } from './xsave/xsaveSubject.js';

/** An explanation with the token that it is about. */
interface ExplanationAt extends Span {
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
  // The `%` of an assembly register belongs to it.
  const word = wordAt(file.source.text, file.source.text[offset] === '%' ? offset + 1 : offset);
  if (!word) return null;
  const name = file.source.text.slice(word.start, word.end);
  const explanation =
    explainWord(model, file, word, name) ?? (reference ? explainReference(model, file, reference) : null);
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
  return (model.symbols.wrappers.get(reference.via)?.uses.length ?? 0) > 1;
}

/** The word at an offset of a text, outside comments. */
export function wordAt(text: string, offset: number): Span | null {
  let found: Span | null = null;
  forEachToken(text, 0, text.length, (kind, start, end) => {
    if (kind === 'word' && start <= offset && offset < end) found = { start, end };
  });
  return found;
}

function explainWord(model: RegisterModel, file: ModelFile, word: Span, name: string): Explanation | null {
  const { path } = file.source;
  const set = findSet(model, name);
  if (set) return explainSet(model, set);
  const asm = model.assembly.find((a) => a.source.path === path)?.functions.find((fn) => fn.name === name);
  return (
    (asm ? explainWorldSwitch(model, path, asm) : null) ??
    explainNumberMacro(model, name) ??
    explainSlotOffset(model, path, name) ??
    explainArrayOffset(model, name) ??
    explainAssembly(model, path, word.start, name) ??
    explainAsmMacro(model, name) ??
    explainEgpr(model, path, word.start, name) ??
    explainIndexedUse(model, file, word, name) ??
    explainFunctionNamed(model, path, name) ??
    explainOperation(model, path, name) ??
    explainXsaveWord(model, path, word)
  );
}

/** A call of a function that takes a register's number (or clears them all), by what it is given; else the function. */
function explainIndexedUse(model: RegisterModel, file: ModelFile, word: Span, name: string): Explanation | null {
  const given = file.references.find(({ callee }) => callee?.start === word.start && isByNumber(model, callee.name));
  if (given) return explainReference(model, file, given);
  const indexed = model.symbols.indexed.get(name);
  const home = indexed ? model.files.get(indexed.file) : undefined;
  if (!indexed || !home) return null;
  const whose = indexed.storage === 'emulator' ? "of the emulator's copy, " : 'of the register cache, ';
  const array = indexed.storage === 'emulator' ? 'ctxt->_regs[]' : 'vcpu->arch.regs[]';
  return {
    subject: { kind: 'accessor', name },
    answer: {
      phrases: [
        { strong: 'Any GPR' },
        `: ${indexed.kind.replace('-', ' ')} by the number that `,
        { code: name },
        ` is given, ${whose}`,
        { code: array },
      ],
      evidence: [{ file: indexed.file, line: lineAt(home.source, indexed.offset) }],
    },
    owners: [],
    notes: [],
  };
}

/** Whether a function is given a register's number, or clears the array. */
function isByNumber(model: RegisterModel, name: string): boolean {
  return model.symbols.indexed.has(name) || name === 'memset';
}

function explainFunctionNamed(model: RegisterModel, path: string, name: string): Explanation | null {
  const node = model.graph.find(name, path);
  if (!node) return null;
  return (
    (node.asm && !node.c ? explainWorldSwitch(model, node.file, node.asm) : null) ??
    explainFunction(model, node) ??
    explainXsaveFunction(model, node) ??
    explainWrapper(model, node.name)
  );
}

function explainXsaveWord(model: RegisterModel, path: string, word: Span): Explanation | null {
  const subject = xsaveSubjectAt(model, path, word);
  const name = model.files.get(path)?.source.text.slice(word.start, word.end) ?? '';
  return subject ? explainXsaveState(model, subject) : explainXsaveIoctl(model, name);
}

function explainWrapper(model: RegisterModel, name: string): Explanation | null {
  const wrapper = model.symbols.wrappers.get(name);
  const file = wrapper ? model.files.get(wrapper.file) : undefined;
  if (!wrapper || !file) return null;
  const registers = wrapper.uses.map((use) => {
    const register = model.symbols.registers.byName.get(use.member)?.register ?? use.member;
    return `${register}${use.width === 32 ? ', low 32 bits' : ''} (${use.kind})`;
  });
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
