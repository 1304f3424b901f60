import { both, inline, type Fixture } from './fixture.js';

/** A statement that enters a guest, with registers in operands: `others` are the ones that the guest changes besides. */
function operands(outputs: string, inputs: string, others: string): string {
  const clobbered = others.split(' ').map((register) => `"${register}"`);
  return `	asm volatile(
		"push %%rbp; vmrun; pop %%rbp"
		: ${outputs}
		: "a"(svm->vmcb_pa)${inputs}
		: "cc", "memory", ${clobbered.join(', ')});`;
}

const HIGH = 'r8 r9 r10 r11 r12 r13 r14 r15';
const slot = (register: string) => `vcpu->arch.regs[VCPU_REGS_${register}]`;

/** World switches whose registers are operands of `asm()`, so that the compiler moves them. */
export const OPERAND_FIXTURES: readonly Fixture[] = [
  inline(
    'slots that are read and written',
    both('RCX', 'RBX', 'RDI'),
    operands(
      `"+b"(${slot('RBX')}), "+c"(${slot('RCX')}), "+D"(svm->${slot('RDI').replace('->', '.')})`,
      '',
      `rdx rsi ${HIGH}`,
    ),
  ),
  inline(
    'slots in, and others out',
    { load: ['RBX', 'RSI'], store: ['RCX', 'RBX'] },
    operands(
      `"=b"(${slot('RBX')}), "=c"(${slot('RCX')})`,
      `, "0"(${slot('RBX')}), "S"(${slot('RSI')})`,
      `rdx rdi ${HIGH}`,
    ),
  ),
  inline(
    'slots of other registers',
    { load: [], store: [] },
    operands(`"=b"(${slot('RCX')}), "=c"(${slot('RBX')})`, `, "0"(${slot('RCX')})`, `rdx rsi rdi ${HIGH}`),
  ),
  inline(
    'operands that the assembly moves on',
    both('RBX'),
    `	asm volatile(
		"mov %[in], %%rbx; push %%rbp; vmrun; pop %%rbp; mov %%rbx, %[out]; jmp 1f; nop; 1:"
		: [out]"=&S"(${slot('RBX')})
		: "a"(svm->vmcb_pa), [in]"d"(${slot('RBX')})
		: "cc", "memory", "rbx", "rcx", "rdi", ${HIGH.split(' ')
      .map((register) => `"${register}"`)
      .join(', ')});`,
  ),
];
