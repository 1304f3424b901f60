import { accessorsOf, indexedFunctionsOf } from '../../model/query/cSymbols.js';
import { memberOfNumber } from '../../model/query/registers.js';
import { sourceOf } from '../../model/query/text.js';
import type { RegisterModel } from '../../model/registerModel.js';
import type { Finding, Fix } from '../finding.js';
import { plainAccessors } from './keptRegisters.js';

/** An access to a register's slot or field that is written out: `vcpu->arch.regs[VCPU_REGS_RSP]`, `vcpu->arch.rip`. */
interface WrittenAccess {
  readonly member: string;
  /** The vCPU's expression: `vcpu`. */
  readonly vcpu: string;
  /** Offsets of the whole expression. */
  readonly start: number;
  readonly end: number;
}

/** Reads a register by its accessor, which fetches it, instead of from its slot. */
export function readByAccessor(model: RegisterModel, finding: Finding): Fix[] {
  const access = accessAt(model, finding);
  const accessor = access && fullAccessor(model, access.member, 'read');
  if (!access || accessor === null) return [];
  const text = `${accessor}(${access.vcpu})`;
  const edit = { file: finding.file, span: { start: access.start, end: access.end }, text };
  return [{ title: `Read it by ${accessor}()`, edits: [edit] }];
}

/** Writes a register by its accessor, which marks it dirty; or marks it behind the write. */
export function writeMarked(model: RegisterModel, finding: Finding): Fix[] {
  const access = accessAt(model, finding);
  const source = sourceOf(model, finding.file);
  const assignment = access && source && assignmentAt(source.text, access);
  if (!access || !assignment) return [];
  const { file } = finding;
  const accessor = fullAccessor(model, access.member, 'write');
  const byAccessor =
    accessor === null
      ? []
      : [
          {
            title: `Write it by ${accessor}()`,
            edits: [{ file, span: assignment, text: `${accessor}(${access.vcpu}, ${assignment.value});` }],
          },
        ];
  const mark = markingFunction(model);
  if (mark === null) return byAccessor;
  const text = `\n${assignment.indent}${mark}(${access.vcpu}, ${access.member});`;
  const edit = { file, span: { start: assignment.end, end: assignment.end }, text };
  return [...byAccessor, { title: `Mark ${access.member} dirty`, edits: [edit] }];
}

/** The access that a finding's token is the register's name in; null where it is none of one vCPU, or in a macro's body. */
function accessAt(model: RegisterModel, { file, span }: Finding): WrittenAccess | null {
  const text = sourceOf(model, file)?.text ?? '';
  const word = text.slice(span.start, span.end);
  const before = /\b([A-Za-z_]\w*)->arch\.(regs\[\s*)?$/.exec(text.slice(0, span.start));
  const isSlot = before?.[2] !== undefined;
  const bracket = isSlot ? /^\s*\]/.exec(text.slice(span.end))?.[0] : '';
  const member = isSlot ? memberOfNumber(model, word)?.name : memberOfField(model, word);
  if (!before || bracket === undefined || member === undefined) return null;
  const line = text.slice(text.lastIndexOf('\n', span.start) + 1, text.indexOf('\n', span.end));
  const isInMacro = /\\\s*$/.test(line);
  const isMember = /(?:->|\.)\s*$/.test(text.slice(0, before.index)); // `svm->vcpu->arch`: not a vCPU's variable
  if (isInMacro || isMember) return null;
  return { member, vcpu: before[1] ?? '', start: before.index, end: span.end + bracket.length };
}

function memberOfField(model: RegisterModel, field: string): string | undefined {
  return model.registers.find(({ storage }) => storage === `arch.${field}`)?.member?.name;
}

/** The accessor that passes on the whole register, and does more than to read or write its slot; null for none. */
function fullAccessor(model: RegisterModel, member: string, kind: 'read' | 'write'): string | null {
  const plain = plainAccessors(model, kind);
  const found = accessorsOf(model).find(
    (accessor) =>
      accessor.kind === kind && accessor.width === 64 && accessor.member === member && !plain.includes(accessor),
  );
  return found?.name ?? null;
}

/** The function that marks a register dirty by its number; null where the tree has none that takes just the two. */
function markingFunction(model: RegisterModel): string | null {
  const marks = indexedFunctionsOf(model).filter(
    ({ kind, storage, parameter }) => kind === 'mark-dirty' && storage === 'cache' && parameter === 1,
  );
  return marks[0]?.name ?? null;
}

/** A statement that does nothing but assign to an access. */
interface Assignment {
  readonly start: number;
  readonly end: number;
  readonly value: string;
  readonly indent: string;
}

/** The assignment that an access is the target of; null where it is another statement, or what a second statement is put behind is an `if`'s. */
function assignmentAt(text: string, { start, end }: WrittenAccess): Assignment | null {
  const lineStart = text.lastIndexOf('\n', start) + 1;
  const indent = text.slice(lineStart, start);
  const value = /^\s*=(?!=)\s*([^\s;{}][^;{}]*);/.exec(text.slice(end));
  const isAlone = /[;{}:]\s*$|\*\/\s*$/.test(text.slice(0, lineStart));
  if (!/^[ \t]*$/.test(indent) || !value || !isAlone) return null;
  return { start, end: end + value[0].length, value: (value[1] ?? '').trim(), indent };
}
