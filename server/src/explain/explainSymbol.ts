import { integerOf } from '../syntax/preprocessor/integers.js';
import { lineAt } from '../syntax/text/sourceText.js';
import type { RegisterModel } from '../model/registerModel.js';
import { slotUses } from './explainAssembly.js';
import { code, statement, strong, type Explanation } from './explanation.js';

/** A macro that holds a register's number, for C and assembly: `__VCPU_REGS_RAX`. */
export function explainNumberMacro(model: RegisterModel, name: string): Explanation | null {
  const member = model.symbols.registers.numberMacros.get(name);
  const macro = model.symbols.macros.get(name);
  const file = macro ? model.files.get(macro.file) : undefined;
  if (!member || !macro || !file) return null;
  const value = integerOf(
    name,
    (n) => model.symbols.macros.get(n)?.definition,
    () => null,
  );
  return {
    subject: { kind: 'register', name: member.register },
    answer: statement(
      [
        strong(member.register),
        `: its number, ${value === null ? 'not known' : String(value)}, for C and assembly; its slot is `,
        code(`vcpu->arch.regs[${member.name}]`),
      ],
      [{ file: macro.file, line: lineAt(file.source, macro.definition.nameStart) }],
    ),
    owners: [],
    notes: [],
  };
}

/** A symbol of an assembly file that is a slot's offset: `VCPU_RAX`. */
export function explainSlotOffset(model: RegisterModel, path: string, name: string): Explanation | null {
  const slot = model.slots.find(
    (s) =>
      s.file === path &&
      s.transfer.written?.names.some((n) => n.name === name) &&
      s.transfer.written.names[0]?.name === name,
  );
  const file = model.files.get(path);
  if (!slot || !file) return null;
  return {
    subject: { kind: 'register', name: slot.member.register },
    answer: statement([
      strong(slot.member.register),
      ': the offset of its slot, ',
      code(`vcpu->arch.regs[${slot.member.name}]`),
      `, as ${slot.function.name} addresses it`,
    ]),
    owners: [],
    notes: [],
  };
}

/** A symbol of assembly that is the offset of the whole register array: `VMX_vcpu_arch_regs`. */
export function explainArrayOffset(model: RegisterModel, name: string): Explanation | null {
  const slots = model.slots.filter((slot) => slot.transfer.displacement?.symbols.has(name));
  if (slots.length === 0) return null;
  return {
    subject: { kind: 'register', name },
    answer: statement([
      strong(name),
      ': the offset of the register cache, ',
      code('vcpu->arch.regs[]'),
      ', for assembly',
    ]),
    owners: [],
    notes: slotUses(model, slots),
  };
}
