import { guardText } from '../../server/src/syntax/conditions/guard.js';
import { describe, expect, it } from 'vitest';
import { readRegisterFile, type RegisterFile } from '../../server/src/facts/registers/registerFile.js';
import { outlineSource } from '../../server/src/facts/source/sourceOutline.js';

function registerFile(...texts: string[]): RegisterFile {
  const outlines = texts.map((text, i) => outlineSource(`file${i}.h`, text));
  const macros = new Map(outlines.flatMap((file) => file.directives.macros.map((macro) => [macro.name, macro])));
  return readRegisterFile(outlines, (name) => macros.get(name));
}

/** Each member in a line: name, role, index in 64-bit and 32-bit builds. */
function members(...texts: string[]): string[] {
  return registerFile(...texts).members.map((m) => `${m.name} ${m.role} ${m.index ?? '-'} ${m.index32 ?? '-'}`);
}

describe('indices', () => {
  it('count on from the last, differ where #if leaves members out', () => {
    const text =
      'enum kvm_reg {\n VCPU_REGS_RAX = 0,\n VCPU_REGS_RDI = 7,\n#ifdef CONFIG_X86_64\n VCPU_REGS_R8 = 8,\n VCPU_REGS_R9,\n#endif\n VCPU_REGS_RIP,\n NR_VCPU_REGS,\n};';
    expect(members(text)).toEqual([
      'VCPU_REGS_RAX register 0 0',
      'VCPU_REGS_RDI register 7 7',
      'VCPU_REGS_R8 register 8 -',
      'VCPU_REGS_R9 register 9 -',
      'VCPU_REGS_RIP register 10 8',
      'NR_VCPU_REGS count 11 9',
    ]);
  });

  it('come from macros, also of another file, and from expressions', () => {
    const enumText =
      'enum kvm_reg { VCPU_REGS_RAX = __VCPU_REGS_RAX, VCPU_REGS_RCX = (1 << 1) + VCPU_REGS_RAX, VCPU_REGS_RDX };';
    expect(members('#define __VCPU_REGS_RAX 3\n', enumText)).toEqual([
      'VCPU_REGS_RAX register 3 3',
      'VCPU_REGS_RCX register 5 5',
      'VCPU_REGS_RDX register 6 6',
    ]);
  });

  it('are unknown where the tree does not say, and stay so until a member says', () => {
    expect(members('enum kvm_reg { VCPU_REGS_RAX = WHO_KNOWS, VCPU_REGS_RCX, VCPU_REGS_RDX = 2 };')).toEqual([
      'VCPU_REGS_RAX register - -',
      'VCPU_REGS_RCX register - -',
      'VCPU_REGS_RDX register 2 2',
    ]);
  });
});

describe('members', () => {
  it('are an alias when they are another register by definition, and go on counting from it', () => {
    const file = registerFile('enum kvm_reg { VCPU_REG_CR3 = 4, VCPU_REG_ERAPS = VCPU_REG_CR3, VCPU_REG_CR4 };');
    expect(file.members.map(({ name, role, aliasOf, index }) => ({ name, role, aliasOf, index }))).toEqual([
      { name: 'VCPU_REG_CR3', role: 'register', aliasOf: null, index: 4 },
      { name: 'VCPU_REG_ERAPS', role: 'alias', aliasOf: 'VCPU_REG_CR3', index: 4 },
      { name: 'VCPU_REG_CR4', role: 'register', aliasOf: null, index: 5 },
    ]);
  });

  it('are no alias of an end marker that they begin at', () => {
    expect(members('enum kvm_reg { VCPU_REGS_RAX, NR_VCPU_REGS, VCPU_EXREG_PDPTR = NR_VCPU_REGS };')).toEqual([
      'VCPU_REGS_RAX register 0 0',
      'NR_VCPU_REGS count 1 1',
      'VCPU_EXREG_PDPTR register 1 1',
    ]);
  });

  it.each([
    ['VCPU_REGS_R15', 'R15', 'gpr'],
    ['VCPU_REGS_R31', 'R31', 'gpr'],
    ['__VCPU_XREG_R16', 'R16', 'gpr'],
    ['VCPU_REGS_RIP', 'RIP', 'special'],
    ['VCPU_EXREG_CR3', 'CR3', 'special'],
    ['VCPU_REG_CR3', 'CR3', 'special'],
    ['VCPU_EXREG_EXIT_INFO_1', 'EXIT_INFO_1', 'exit-info'],
    ['VCPU_REG_NEW_THING', 'NEW_THING', 'special'],
  ])('%s is %s', (name, register, kind) => {
    expect(registerFile(`enum kvm_reg { ${name} };`).members[0]).toMatchObject({ name, register, class: kind });
  });

  it('tell their condition and place', () => {
    const text = 'enum kvm_reg {\n#ifdef CONFIG_X86_64\n#ifdef CONFIG_KVM_APX\n\tVCPU_REGS_R16,\n#endif\n#endif\n};';
    const [member] = registerFile(text).members;
    expect(member?.conditions.map(guardText)).toEqual(['CONFIG_X86_64', 'CONFIG_KVM_APX']);
    expect(member?.declared).toEqual({ file: 'file0.h', line: 4, column: 2 });
    expect(text.slice(member?.offset).startsWith('VCPU_REGS_R16')).toBe(true);
  });

  it('have macros that hold their numbers', () => {
    const file = registerFile('#define __VCPU_REGS_RAX 0\n#define VCPU_OTHER 1\n', 'enum kvm_reg { VCPU_REGS_RAX };');
    expect([...file.numberMacros].map(([name, member]) => [name, member.name])).toEqual([
      ['__VCPU_REGS_RAX', 'VCPU_REGS_RAX'],
    ]);
  });
});

describe('several enums', () => {
  it('one that goes on from the first is part of the register file', () => {
    const first = 'enum kvm_reg { VCPU_REGS_RAX, NR_VCPU_REGS };';
    expect(members(first, 'enum kvm_reg_ex { VCPU_EXREG_PDPTR = NR_VCPU_REGS, VCPU_EXREG_CR3 };')).toEqual([
      'VCPU_REGS_RAX register 0 0',
      'NR_VCPU_REGS count 1 1',
      'VCPU_EXREG_PDPTR register 1 1',
      'VCPU_EXREG_CR3 register 2 2',
    ]);
  });

  it('one beside it is not', () => {
    expect(members('enum kvm_reg { VCPU_REGS_RAX };', 'enum exit_reason { RAX, RCX };')).toHaveLength(1);
  });

  it('a second one of the name is a problem at its place, and the first counts', () => {
    const file = registerFile('enum kvm_reg { VCPU_REGS_RAX };', '\nenum kvm_reg { VCPU_REGS_RCX, VCPU_REGS_RDX };');
    expect(file.members.map((member) => member.name)).toEqual(['VCPU_REGS_RAX']);
    expect(file.problems).toEqual([
      {
        location: { file: 'file1.h', line: 2, column: 1 },
        message: 'a second enum kvm_reg; the one in file0.h is used',
      },
    ]);
  });

  it('a declaration of the type is none', () => {
    expect(registerFile('enum kvm_reg;\nint f(enum kvm_reg reg);\n', 'enum kvm_reg { VCPU_REGS_RAX };')).toMatchObject({
      members: [{ name: 'VCPU_REGS_RAX' }],
      problems: [],
    });
  });
});

describe('registers that the enum lacks', () => {
  const fields = 'struct kvm_vcpu_arch { unsigned long regs[2]; unsigned long cr0, cr3; unsigned long cr4; u64 cr5; };';

  it('are those that the cache has a field for, without a number', () => {
    const { members: found } = registerFile('enum kvm_reg { VCPU_REGS_RAX, VCPU_EXREG_CR3 };', fields);
    expect(found.map(({ name, register, isNumbered }) => `${name} ${register} ${String(isNumbered)}`)).toEqual([
      'VCPU_REGS_RAX RAX true',
      'VCPU_EXREG_CR3 CR3 true',
      'arch.cr0 CR0 false',
      'arch.cr4 CR4 false',
    ]);
  });

  it('are none in a tree without the struct', () => {
    expect(members('enum kvm_reg { VCPU_REGS_RAX };')).toEqual(['VCPU_REGS_RAX register 0 0']);
  });
});

describe('registers that only an operation of every backend reads', () => {
  const operations =
    'struct kvm_x86_ops { ulong (*get_rflags)(void *vcpu); void (*get_segment)(void *vcpu, int seg); };';

  it('are those that neither the enum nor the cache has, without a number', () => {
    const { members: found } = registerFile('enum kvm_reg { VCPU_REGS_RAX, VCPU_EXREG_SEGMENTS };', operations);
    expect(found.map(({ name, register, isNumbered }) => `${name} ${register} ${String(isNumbered)}`)).toEqual([
      'VCPU_REGS_RAX RAX true',
      'VCPU_EXREG_SEGMENTS SEGMENTS true',
      'RFLAGS RFLAGS false',
    ]);
    expect(found.at(-1)?.declared).toEqual({ file: 'file1.h', line: 1, column: 30 });
  });

  it('are none where the struct lacks the operation', () => {
    const { members: found } = registerFile(
      'enum kvm_reg { VCPU_REGS_RAX };',
      'struct kvm_x86_ops { int (*run)(void); };',
    );
    expect(found.map(({ name }) => name)).toEqual(['VCPU_REGS_RAX']);
  });
});
