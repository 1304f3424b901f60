import { accessorsOf } from '../../model/query/cSymbols.js';
import { sourceOf } from '../../model/query/text.js';
import type { RegisterModel } from '../../model/registerModel.js';
import type { TextEdit } from '../finding.js';

/** A statement of C that copies a register. */
export interface WrittenCopy {
  readonly file: string;
  /** Where it begins. */
  readonly statement: number;
  readonly register: string;
}

/**
 * Copies a register as another one is copied, on the line behind that: `save->r10 = regs[VCPU_REGS_R10];` behind that of R9. Null where the
 * line is more than a statement of its own, or is of another form for the register.
 */
export function copyAs(model: RegisterModel, copy: WrittenCopy, register: string): TextEdit | null {
  const { file, statement } = copy;
  const line = ownLineAt(sourceOf(model, file)?.text ?? '', statement);
  if (line === null) return null;
  const names = namesOf(copy.register);
  if ((line.text.match(names)?.length ?? 0) < 2) return null; // one on each side
  const text = renamed(line.text, copy.register, register);
  const called = [...text.matchAll(/\b([A-Za-z_]\w*)\s*\(/g)].map(([, name]) => name ?? '');
  const own = called.filter((name) => namesOf(register).test(name));
  if (!own.every((name) => accessorsOf(model).some((accessor) => accessor.name === name))) return null;
  return { file, span: { start: line.end, end: line.end }, text: `\n${text}` };
}

/** A text about a register as one about another: `VMCB save.rsp` of `VMCB save.rax`. */
export function renamed(text: string, from: string, to: string): string {
  return text.replace(namesOf(from), (name) => (name === name.toLowerCase() ? to.toLowerCase() : to));
}

/** A register's name as a word or as a part of one: `rax`, `VCPU_REGS_RAX`, `kvm_rax_read`. */
function namesOf(register: string): RegExp {
  return new RegExp(`(?<![A-Za-z0-9])${register}(?![A-Za-z0-9])`, 'gi');
}

/** The line of a statement that stands alone on it and is no `if`'s body; null for any other. */
function ownLineAt(text: string, statement: number): { readonly text: string; readonly end: number } | null {
  const start = text.lastIndexOf('\n', statement - 1) + 1;
  const end = text.indexOf('\n', statement);
  const line = text.slice(start, end);
  const before = text.slice(0, start).trimEnd();
  const lineBefore = before.slice(before.lastIndexOf('\n') + 1);
  const isAfterStatement = /[;{}:]$|\*\/$/.test(before) || /^\s*(?:#|\/\/)/.test(lineBefore);
  return end >= 0 && isAfterStatement && /^[^;{}#]+;\s*$/.test(line) ? { text: line, end } : null;
}
