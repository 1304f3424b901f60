import { memoizeByIdentity } from '../../cache/memoize.js';
import type { Reference } from '../../facts/registers/reference.js';
import type { GraphNode } from '../callGraph.js';
import { groupBy } from '../groupBy.js';
import type { ModelFile, Register, RegisterModel } from '../registerModel.js';
import { registerOf } from './registers.js';
import { functionAt } from './functions.js';
import { lastAtOrBefore } from '../../syntax/text/lastAtOrBefore.js';
import { sourceOf, type FileSpan } from './text.js';

export type { Reference } from '../../facts/registers/reference.js';

/** A reference with the file that it is in. */
export interface FileReference {
  readonly file: string;
  readonly reference: Reference;
}

/** A file's references to registers, in the order of the text. */
export function referencesIn({ files }: RegisterModel, path: string): readonly Reference[] {
  return files.get(path)?.references ?? [];
}

/** The references of a file whose token an offset is in: what names a register itself before what is built on it. */
export function referencesAt({ files }: RegisterModel, path: string, offset: number): readonly Reference[] {
  const file = files.get(path);
  if (!file) return [];
  const here: Reference[] = [];
  for (let i = lastAtOrBefore(file.references, offset, ({ start }) => start); i >= 0; i--) {
    const reference = file.references[i];
    if (!reference || reference.start + longestToken(file) <= offset) break;
    if (offset < reference.end) here.unshift(reference);
  }
  return [...here.filter(({ isIndirect }) => !isIndirect), ...here.filter(({ isIndirect }) => isIndirect)];
}

const longestToken = memoizeByIdentity(({ references }: ModelFile): number =>
  references.reduce((most, { start, end }) => Math.max(most, end - start), 0),
);

/** The references of a file in the statement that begins at an offset. */
export function referencesOfStatement({ files }: RegisterModel, path: string, statement: number): readonly Reference[] {
  const file = files.get(path);
  return (file && referencesByStatement(file).get(statement)) ?? [];
}

const referencesByStatement = memoizeByIdentity(({ references }: ModelFile) => groupBy(references, (r) => r.statement));

/** The references of a function. */
export function referencesOfFunction({ files }: RegisterModel, { file, name }: GraphNode): readonly Reference[] {
  const home = files.get(file);
  return (home && referencesByFunction(home).get(name)) ?? [];
}

const referencesByFunction = memoizeByIdentity(({ references }: ModelFile) => groupBy(references, (r) => r.function));

/** The reference to what a function whose name stands at an offset of a file is given: a register's number, or the array; null for none. */
export function referenceGivenTo({ files }: RegisterModel, path: string, offset: number): Reference | null {
  const file = files.get(path);
  return (file && referencesByCallee(file).get(offset)?.[0]) ?? null;
}

/** The reference that a local variable's value chooses the register of, in the function that a word of its name is in; null for none. */
export function referenceByVariable(
  model: RegisterModel,
  path: string,
  offset: number,
  name: string,
): Reference | null {
  const fn = functionAt(model, path, offset);
  const text = sourceOf(model, path)?.text ?? '';
  if (!fn) return null;
  const isByName = ({ register, index, start, end }: Reference) =>
    register === null && index !== undefined && text.slice(start, end) === name;
  return referencesOfFunction(model, fn).find(isByName) ?? null;
}

const referencesByCallee = memoizeByIdentity(({ references }: ModelFile) =>
  groupBy(references, (r) => r.callee?.start),
);

/** The references that name a register itself, by any of its names: what an editor calls its references. */
export function referencesOf(model: RegisterModel, register: Register): readonly FileReference[] {
  return referencesByRegister(model).get(register) ?? [];
}

const referencesByRegister = memoizeByIdentity((model: RegisterModel) => {
  const own = fileReferences(model).filter(({ reference }) => !reference.isIndirect);
  return groupBy(own, ({ reference }) => registerOf(model, reference.register));
});

/** Where those references are. */
export function referenceSpans(model: RegisterModel, register: Register): readonly FileSpan[] {
  return referencesOf(model, register).map(({ file, reference: { start, end } }) => ({ file, start, end }));
}

/** The references of a file that name one of some registers itself. */
export function referencesToAny(
  model: RegisterModel,
  path: string,
  registers: readonly Register[],
): readonly Reference[] {
  return referencesIn(model, path).filter((reference) => {
    const register = reference.isIndirect ? null : registerOf(model, reference.register);
    return register !== null && registers.includes(register);
  });
}

/** The references by way of a function, field or enumerator of a name, as written: an accessor's calls. */
export function referencesVia(model: RegisterModel, name: string): readonly FileReference[] {
  return referencesByName(model).get(name) ?? [];
}

const referencesByName = memoizeByIdentity((model: RegisterModel) =>
  groupBy(fileReferences(model), ({ reference }) => reference.via),
);

function fileReferences({ files }: RegisterModel): FileReference[] {
  return [...files].flatMap(([file, { references }]) => references.map((reference) => ({ file, reference })));
}

/** Whether a reference reads or writes the register, itself or in assembly; null for one that only names it. */
export function accessOf({ kind }: Reference): 'read' | 'write' | null {
  if (/^write|readwrite|asm-store/.test(kind)) return 'write';
  return /^read|asm-load/.test(kind) ? 'read' : null;
}
