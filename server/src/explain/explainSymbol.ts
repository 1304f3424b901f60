import type { RegisterMember } from '../facts/registers/registerMember.js';
import type { TreeMacro } from '../facts/symbols/treeSymbols.js';
import { macroNamed } from '../model/query/cSymbols.js';
import type { RegisterModel } from '../model/registerModel.js';
import type { SlotMove } from '../model/slots.js';
import { integerOf } from '../syntax/preprocessor/integers.js';
import { lineEvidence } from './evidence.js';
import { slotUses } from './explainAssembly.js';
import { code, statement, strong, type Explanation } from './explanation.js';

/** A macro that holds a register's number, for C and assembly: `__VCPU_REGS_RAX`. */
export function explainNumberMacro(
  model: RegisterModel,
  { member, macro }: { readonly member: RegisterMember; readonly macro: TreeMacro },
): Explanation {
  const value = integerOf(
    macro.definition.name,
    (name) => macroNamed(model, name)?.definition,
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
      [lineEvidence(model, macro.file, macro.definition.nameStart)],
    ),
    owners: [],
    notes: [],
  };
}

/** A symbol of an assembly file that is a slot's offset: `VCPU_RAX`. */
export function explainSlotOffset({ member, function: fn }: SlotMove): Explanation {
  return {
    subject: { kind: 'register', name: member.register },
    answer: statement([
      strong(member.register),
      ': the offset of its slot, ',
      code(`vcpu->arch.regs[${member.name}]`),
      `, as ${fn.name} addresses it`,
    ]),
    owners: [],
    notes: [],
  };
}

/** A symbol of assembly that is the offset of the whole register array: `VMX_vcpu_arch_regs`. */
export function explainArrayOffset(model: RegisterModel, name: string, slots: readonly SlotMove[]): Explanation {
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
