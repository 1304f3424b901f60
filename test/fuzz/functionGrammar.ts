import fc from 'fast-check';

/** The registers' names and numbers, as code has them. */
const REGISTERS = ['VCPU_REGS_RAX', 'VCPU_REGS_RSP', 'VCPU_REG_CR3', 'VCPU_REG_RIP', 'VCPU_REG_PDPTR', 'reg', 'i'];

const register = fc.constantFrom(...REGISTERS);
const local = fc.constantFrom('a', 'b', 'reg', 'val');
const field = fc.constantFrom('GUEST_RSP', 'GUEST_CR3', 'GUEST_RIP', 'GUEST_PDPTR0');

/** What a value is kept in: all that an assignment may have on its left. */
const place = fc.oneof(
  local,
  register.map((name) => `vcpu->arch.regs[${name}]`),
  fc.constantFrom(
    ...['vcpu->arch.cr3', 'vcpu->arch.rip', 'vcpu->arch.pdptrs[1]', 'vcpu->arch.xcr0', 'to_vmx(vcpu)->rflags'],
    ...['svm->vmcb->save.rax', 'to_svm(vcpu)->vmcb->save.cr3', 'vmx->vcpu.arch.regs_avail', '*regs', 'regs->rax'],
  ),
);

const CALLS = ['kvm_register_read', 'kvm_register_is_available', 'kvm_register_is_dirty', 'test_bit', 'other'];

const { expression, statement } = fc.letrec<{ expression: string; statement: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    place,
    fc.nat(70).map(String),
    field.map((name) => `vmcs_readl(${name})`),
    fc.constantFrom('kvm_rax_read(vcpu)', 'kvm_rsp_read(vcpu)', 'kvm_read_cr3(vcpu)', 'is_guest_mode(vcpu)'),
    fc.tuple(fc.constantFrom(...CALLS), register).map(([name, number]) => `${name}(vcpu, ${number})`),
    fc
      .tuple(tie('expression'), fc.constantFrom('&', '|', '&&', '||', '+', '>>', '=='), tie('expression'))
      .map((all) => all.join(' ')),
    fc.tuple(tie('expression'), tie('expression'), tie('expression')).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
    tie('expression').map((value) => `!(${value})`),
    tie('expression').map((value) => `(u32)~BIT(${value})`),
  ),
  statement: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.tuple(place, fc.constantFrom('=', '|=', '&='), tie('expression')).map((all) => `${all.join(' ')};`),
    fc.tuple(register, tie('expression')).map(([number, value]) => `kvm_register_write(vcpu, ${number}, ${value});`),
    register.map((number) => `kvm_register_mark_dirty(vcpu, ${number});`),
    register.map((number) => `kvm_register_mark_available(vcpu, ${number});`),
    fc.tuple(field, tie('expression')).map(([name, value]) => `vmcs_writel(${name}, ${value});`),
    fc.tuple(local, tie('expression')).map(([name, value]) => `unsigned long ${name} = ${value};`),
    fc.tuple(tie('expression'), tie('statement')).map(([test, then]) => `if (${test})\n${then}`),
    fc.tuple(tie('expression'), tie('statement')).map(([test, body]) => `while (${test}) {\n${body}\n}`),
    fc.tuple(tie('statement'), tie('statement')).map(([a, b]) => `{\n${a}\n${b}\n}`),
    fc.tuple(tie('statement'), tie('statement')).map(([a, b]) => `#ifdef CONFIG_X\n${a}\n#else\n${b}\n#endif`),
    fc
      .tuple(register, register, tie('statement'), tie('statement'))
      .map(([one, two, a, b]) => `switch (reg) {\ncase ${one}:\n${a}\ncase ${two}:\n${b}\nbreak;\ndefault:\n}`),
    fc.constantFrom(
      ...['return;', 'break;', 'goto out;', 'out:', 'continue;', 'BUG_ON(a);', 'memset(vcpu->arch.regs, 0, 8);'],
      ...['xsetbv(0, vcpu->arch.xcr0);', 'rdmsrl(MSR_IA32_XSS, val);', 'wrpkru(vcpu->arch.pkru);', '/* no */'],
      ...['asm volatile("mov %0, %%rax" : : "r"(a) : "rax");', '#define R VCPU_REGS_RAX', 'static_call(x)(vcpu, reg);'],
    ),
  ),
}));

/** A function of KVM's kind: what it reads, moves, tests and marks is chosen at random. */
export const cFunction: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom('f', 'vmx_cache_reg', 'kvm_rbx_read'),
    fc.array(statement, { minLength: 1, maxLength: 5 }),
    expression,
  )
  .map(
    ([name, statements, result]) =>
      `static unsigned long ${name}(struct kvm_vcpu *vcpu, enum kvm_reg reg)\n{\n${statements.join('\n')}\nreturn ${result};\n}\n`,
  );
