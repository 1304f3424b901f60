import type { Gpr } from '../../server/src/syntax/x86/registers.js';
import type { Call } from './emulator.js';
import type { Texts } from '../slotAnswers.js';

/** A world switch of our own, of a form that kernels or ports have. It moves few registers, so that the others are absent. */
export interface Fixture {
  readonly title: string;
  readonly files: Texts;
  readonly path: string;
  readonly function: string;
  readonly arrayArgument: number | null;
  readonly moves: { readonly load: readonly Gpr[]; readonly store: readonly Gpr[] };
  readonly calls: readonly Call[];
}

const HOST = 'arch/x86/include/asm/kvm_host.h';
const SVM_C = 'arch/x86/kvm/svm/svm.c';
const SVM_S = 'arch/x86/kvm/svm/vmenter.S';

/** The register cache, where emulate.py has it in a vCPU. */
const CACHE = `#ifndef _ASM_KVM_HOST_H
#define _ASM_KVM_HOST_H

enum kvm_reg {
	VCPU_REGS_RAX, VCPU_REGS_RCX, VCPU_REGS_RDX, VCPU_REGS_RBX, VCPU_REGS_RSP, VCPU_REGS_RBP, VCPU_REGS_RSI, VCPU_REGS_RDI,
	VCPU_REGS_R8, VCPU_REGS_R9, VCPU_REGS_R10, VCPU_REGS_R11, VCPU_REGS_R12, VCPU_REGS_R13, VCPU_REGS_R14, VCPU_REGS_R15,
	VCPU_REGS_RIP,
	NR_VCPU_REGS,
};

struct kvm_vcpu_arch {
	unsigned long regs[NR_VCPU_REGS];
	u32 regs_avail;
	u32 regs_dirty;
};

struct kvm_vcpu {
	unsigned long other[32];
	struct kvm_vcpu_arch arch;
};

struct vcpu_svm {
	struct kvm_vcpu vcpu;
	unsigned long vmcb_pa;
};

static inline struct vcpu_svm *to_svm(struct kvm_vcpu *vcpu)
{
	return container_of(vcpu, struct vcpu_svm, vcpu);
}
#endif
`;

const OFFSETS = `static void __used common(void)
{
	OFFSET(SVM_regs, vcpu_svm, vcpu.arch.regs);
	OFFSET(SVM_vmcb_pa, vcpu_svm, vmcb_pa);
	OFFSET(SVM_exit_code, vcpu_svm, exit_code);
	OFFSET(SVM_host_regs, vcpu_svm, host.regs);
}
`;

type Moved = Fixture['moves'];

function both(...registers: readonly Gpr[]): Moved {
  return { load: registers, store: registers };
}

interface Options {
  /** What C code calls the function with. */
  readonly given?: 'svm' | 'regs';
  /** Text before the function. */
  readonly before?: string;
  /** Text behind the function. */
  readonly after?: string;
  readonly variables?: Call['variables'];
  readonly results?: Call['results'];
}

/** A fixture in an assembly file: what is between a function's beginning and its end, with callee-saved registers saved. */
function assembly(title: string, moves: Moved, body: string, options: Options = {}): Fixture {
  const { given = 'svm', before = '', after = '', variables = {}, results = {} } = options;
  const argument = given === 'svm' ? 'svm' : '(unsigned long *)&svm->vcpu.arch.regs';
  const text = `#include <linux/linkage.h>
#include <asm/asm.h>
#include <asm/nospec-branch.h>
#include "kvm-asm-offsets.h"

${before}
SYM_FUNC_START(run_guest)
	push %rbp
	push %r15
	push %r14
	push %r13
	push %r12
	push %rbx
${body}
	pop %rbx
	pop %r12
	pop %r13
	pop %r14
	pop %r15
	pop %rbp
	RET
SYM_FUNC_END(run_guest)
${after}`;
  const caller = `#include <asm/kvm_host.h>
static int svm_vcpu_run(struct kvm_vcpu *vcpu)
{
	struct vcpu_svm *svm = to_svm(vcpu);

	run_guest(${argument});
	return 0;
}
`;
  return {
    title,
    files: { [HOST]: CACHE, 'arch/x86/kvm/kvm-asm-offsets.c': OFFSETS, [SVM_C]: caller, [SVM_S]: text },
    path: SVM_S,
    function: 'run_guest',
    arrayArgument: given === 'regs' ? 1 : null,
    moves,
    calls: [{ function: 'run_guest', arguments: [given === 'svm' ? 'vcpu' : 'regs'], exit: null, variables, results }],
  };
}

/** A fixture in C: the statements of a function that has `svm` and `vcpu`. */
function inline(title: string, moves: Moved, statements: string, defines = ''): Fixture {
  const text = `#include <asm/kvm_host.h>
${defines}
void run_guest(struct vcpu_svm *svm)
{
	struct kvm_vcpu *vcpu = &svm->vcpu;

${statements}
}
`;
  return {
    title,
    files: { [HOST]: CACHE, [SVM_C]: text },
    path: SVM_C,
    function: 'run_guest',
    arrayArgument: null,
    moves,
    calls: [{ function: 'run_guest', arguments: ['vcpu'], exit: null, variables: {}, results: {} }],
  };
}

const R9 = 'SVM_regs + 9*8';
const RCX = 'SVM_regs + 1*8';
const R12 = 'SVM_regs + 12*8';

/** The pointer to the stack, RCX and R12 loaded. */
const LOADS = `	push %rdi
	mov SVM_vmcb_pa(%rdi), %rax
	mov ${RCX}(%rdi), %rcx
	mov ${R12}(%rdi), %r12
	vmrun %rax`;

/** The pointer from the stack, RCX and R12 stored. */
const STORES = `	pop %rax
	mov %rcx, ${RCX}(%rax)
	mov %r12, ${R12}(%rax)`;

const MOVED = both('RCX', 'R12');

export const FIXTURES: readonly Fixture[] = [
  assembly('plain moves', MOVED, `${LOADS}\n${STORES}`),
  assembly(
    'calls that fill the return stack',
    MOVED,
    `${LOADS}
	mov $16, %r11
1:	call 2f
2:	call 3f
3:	sub $1, %r11
	jnz 1b
	add $(32*8), %rsp
${STORES}`,
  ),
  assembly(
    'the same out of a macro in an ALTERNATIVE',
    MOVED,
    `${LOADS}
	ALTERNATIVE "", "FILL_STACK 4", X86_FEATURE_X
${STORES}`,
    {
      before: `.macro FILL_STACK count
	.rept \\count
	call 775f
	int3
775:
	add $8, %rsp
	.endr
.endm`,
    },
  ),
  assembly(
    'all pushed, a call, all popped',
    MOVED,
    `${LOADS}
	push %rcx
	push %r12
	call leave_guest
	mov 16(%rsp), %rax
	pop ${R12}(%rax)
	pop ${RCX}(%rax)
	pop %rax`,
  ),
  assembly(
    'registers exchanged with their slots',
    MOVED,
    `	push %rdi
	mov SVM_vmcb_pa(%rdi), %rax
	xchg %rcx, ${RCX}(%rdi)
	xchg %r12, ${R12}(%rdi)
	vmrun %rax
	pop %rax
	xchg ${RCX}(%rax), %rcx
	xchg %r12, ${R12}(%rax)`,
  ),
  assembly(
    'names of slots that a macro glues',
    MOVED,
    `	push %rdi
	GET CX, cx
	GET 12, 12
	vmrun %rax
	pop %rdi
	PUT CX, cx
	PUT 12, 12`,
    {
      before: `PLACE_CX = SVM_regs + 1*8
PLACE_12 = SVM_regs + 12*8
.macro GET up low
	mov PLACE_\\up(%rdi), %r\\low
.endm
.macro PUT up low
	mov %r\\low, PLACE_\\up(%rdi)
.endm`,
    },
  ),
  assembly(
    'a macro over a list of registers',
    MOVED,
    `	push %rdi
	EACH(GET)
	vmrun %rax
	pop %rdi
	EACH(PUT)`,
    {
      before: `#define EACH(do) do(rcx, 1) do(r12, 12)
#define GET(reg, n) mov SVM_regs + n*8(%rdi), %reg;
#define PUT(reg, n) mov %reg, SVM_regs + n*8(%rdi);`,
    },
  ),
  assembly(
    'a loop over numbers',
    both('R9', 'R12'),
    `	push %rdi
	.irp n, 9, 12
	mov \\n*8(%rdi), %r\\n
	.endr
	vmrun %rax
	pop %rdi
	.irp n, 9, 12
	mov %r\\n, \\n*8(%rdi)
	.endr`,
    { given: 'regs' },
  ),
  assembly(
    'a base that lea makes',
    MOVED,
    `	lea SVM_regs(%rdi), %rsi
	push %rsi
	mov 8(%rsi), %rcx
	mov 96(%rsi), %r12
	vmrun %rax
	pop %rsi
	mov %rcx, 8(%rsi)
	mov %r12, 96(%rsi)`,
  ),
  assembly(
    'the pointer in a frame',
    MOVED,
    `	sub $32, %rsp
	mov %rdi, 16(%rsp)
	mov ${RCX}(%rdi), %rcx
	mov ${R12}(%rdi), %r12
	vmrun %rax
	mov 16(%rsp), %rsi
	mov %rcx, ${RCX}(%rsi)
	mov %r12, ${R12}(%rsi)
	add $32, %rsp`,
  ),
  assembly(
    'helpers that load and store',
    MOVED,
    `	push %rdi
	call get_registers
	vmrun %rax
	mov (%rsp), %rdi
	call put_registers
	pop %rdi`,
    {
      after: `SYM_FUNC_START_LOCAL(get_registers)
	mov ${RCX}(%rdi), %rcx
	mov ${R12}(%rdi), %r12
	RET
SYM_FUNC_END(get_registers)
SYM_FUNC_START_LOCAL(put_registers)
	mov %rcx, ${RCX}(%rdi)
	mov %r12, ${R12}(%rdi)
	RET
SYM_FUNC_END(put_registers)
`,
    },
  ),
  assembly(
    'stores in another section',
    MOVED,
    `${LOADS}
	pop %rax
	jmp .Lput
.Ldone:
	.pushsection .text.put, "ax"
.Lput:	mov %rcx, ${RCX}(%rax)
	mov %r12, ${R12}(%rax)
	jmp .Ldone
	.popsection`,
  ),
  assembly(
    'moves that are patched in',
    MOVED,
    `	push %rdi
	ALTERNATIVE "", "mov 1*8(%rdi), %rcx", X86_FEATURE_X
	mov 12*8(%rdi), %r12
	vmrun %rax
	pop %rax
	ALTERNATIVE "nop", "movq %rcx, 1*8(%rax)", X86_FEATURE_X
	mov %r12, 12*8(%rax)`,
    { given: 'regs' },
  ),
  assembly(
    'instructions of other kinds between',
    MOVED,
    `${LOADS}
	swapgs
	saveprevssp
	setssbsy
${STORES}`,
  ),
  assembly(
    'annotations for unwinding',
    MOVED,
    `	.cfi_startproc
	pushq_cfi %rdi
	.cfi_adjust_cfa_offset 8
	mov ${RCX}(%rdi), %rcx
	mov ${R12}(%rdi), %r12
	vmrun %rax
	popq_cfi %rax
	mov %rcx, ${RCX}(%rax)
	mov %r12, ${R12}(%rax)
	.cfi_endproc`,
    {
      before: `.macro pushq_cfi reg
	pushq \\reg
.endm
.macro popq_cfi reg
	popq \\reg
.endm
	.cfi_sections .debug_frame`,
    },
  ),
  assembly(
    'the pointer in a variable',
    MOVED,
    `	mov ${RCX}(%rdi), %rcx
	mov ${R12}(%rdi), %r12
	vmrun %rax
	mov %gs:current_svm, %rax
	mov %rcx, ${RCX}(%rax)
	mov %r12, ${R12}(%rax)`,
    { variables: { current_svm: 'vcpu' } },
  ),
  assembly(
    'the pointer that a function returns',
    MOVED,
    `	mov ${RCX}(%rdi), %rcx
	mov ${R12}(%rdi), %r12
	vmrun %rax
	push %rcx
	push %r12
	call find_svm
	pop ${R12}(%rax)
	pop ${RCX}(%rax)`,
    { results: { find_svm: 'vcpu' } },
  ),
  assembly(
    'the host’s registers in an area that looks alike',
    MOVED,
    `	mov %rbx, SVM_host_regs + 3*8(%rdi)
	mov %r12, SVM_host_regs + 12*8(%rdi)
${LOADS}
${STORES}`,
  ),
  assembly(
    'a register that is cleared before its store',
    { load: ['RCX', 'R12'], store: ['R12'] },
    `${LOADS}
	xor %ecx, %ecx
${STORES}`,
  ),
  assembly(
    'a register that another value is put into behind its load',
    { load: ['R12'], store: ['R12'] },
    `	push %rdi
	mov ${RCX}(%rdi), %rcx
	mov ${R12}(%rdi), %r12
	mov $7, %ecx
	vmrun %rax
	pop %rax
	mov %r12, ${R12}(%rax)`,
  ),
  assembly(
    'a slot that is overwritten behind its store',
    { load: ['RCX', 'R12'], store: ['R12'] },
    `${LOADS}
${STORES}
	movq $0, ${RCX}(%rax)`,
  ),
  assembly(
    'a slot that gets another register',
    { load: [], store: [] },
    `	push %rdi
	mov ${RCX}(%rdi), %r12
	vmrun %rax
	pop %rax
	mov %r12, ${RCX}(%rax)`,
  ),
  assembly(
    'VM-entry again by a backward jump',
    MOVED,
    `${LOADS.replace('vmrun', '1:	vmrun')}
	mov (%rsp), %rax
	cmpl $0x61, SVM_exit_code(%rax)
	je 1b
${STORES}`,
  ),
  assembly(
    'words that string instructions copy',
    both('R8', 'R9'),
    `	push %rdi
	lea SVM_regs + 8*8(%rdi), %rsi
	sub $16, %rsp
	mov %rsp, %rdi
	mov $2, %ecx
	rep movsq
	pop %r8
	pop %r9
	vmrun %rax
	pop %rax
	mov %r8, SVM_regs + 8*8(%rax)
	mov %r9, ${R9}(%rax)`,
  ),
  assembly(
    'a way through an XMM register',
    both('RCX'),
    `	push %rdi
	mov ${RCX}(%rdi), %rcx
	vmrun %rax
	movq %rcx, %xmm0
	xor %ecx, %ecx
	pop %rax
	movq %xmm0, %rcx
	mov %rcx, ${RCX}(%rax)`,
  ),
  assembly(
    'bytes swapped twice',
    MOVED,
    `${LOADS}
	bswap %rcx
	bswap %rcx
${STORES}`,
  ),
  assembly(
    'bytes swapped once',
    { load: ['RCX', 'R12'], store: ['R12'] },
    `${LOADS}
	bswap %rcx
${STORES}`,
  ),
  inline(
    'offsets as operands',
    MOVED,
    `	asm volatile(
		"push %%rbp \\n\\t"
		"mov %c[rcx](%[svm]), %%rcx \\n\\t"
		"mov %c[r12](%[svm]), %%r12 \\n\\t"
		"push %%rax \\n\\t"
		"vmrun \\n\\t"
		"pop %%rax \\n\\t"
		"mov %%rcx, %c[rcx](%[svm]) \\n\\t"
		"mov %%r12, %c[r12](%[svm]) \\n\\t"
		"pop %%rbp"
		: : [svm]"a"(svm),
		[rcx]"i"(offsetof(struct vcpu_svm, vcpu.arch.regs[VCPU_REGS_RCX])),
		[r12]"i"(offsetof(struct vcpu_svm, vcpu.arch.regs[VCPU_REGS_R12]))
		: "cc", "memory", "rcx", "r12");`,
  ),
  inline(
    'names of registers that macros glue, and a pointer that is read and written',
    MOVED,
    `	asm volatile(
		"mov "Q" %c[rcx](%0), %%"R"cx \\n\\t"
		"mov %c[r12](%0), %%r12 \\n\\t"
		"push %0; vmrun; pop %0 \\n\\t"
		"mov %%"R"cx, %c[rcx](%0) \\n\\t"
		"mov %%r12, %c[r12](%0)"
		: "+a"(svm)
		: [rcx]"i"(offsetof(struct vcpu_svm, vcpu.arch.regs[VCPU_REGS_RCX])),
		[r12]"i"(offsetof(struct vcpu_svm, vcpu.arch.regs[VCPU_REGS_R12]))
		: "cc", "memory", "rcx", "r12");`.replace('mov "Q"', 'mov"Q"'),
    '#ifdef CONFIG_X86_64\n#define R "r"\n#define Q "q"\n#else\n#define R "e"\n#define Q "l"\n#endif',
  ),
  inline(
    'the array in a register',
    MOVED,
    `	asm volatile(
		"mov 8(%[regs]), %%rcx \\n\\t"
		"mov 96(%[regs]), %%r12 \\n\\t"
		"vmrun \\n\\t"
		"mov %%rcx, 8(%[regs]) \\n\\t"
		"mov %%r12, 96(%[regs])"
		: : [regs]"a"(vcpu->arch.regs) : "cc", "memory", "rcx", "r12");`,
  ),
  inline(
    'a register of the compiler’s choice, kept on the stack',
    MOVED,
    `	asm volatile(
		"push %[svm] \\n\\t"
		"mov %c[r12](%[svm]), %%r12 \\n\\t"
		"mov %c[rcx](%[svm]), %%rcx \\n\\t"
		"vmrun \\n\\t"
		"pop %%rax \\n\\t"
		"mov %%rcx, %c[rcx](%%rax) \\n\\t"
		"mov %%r12, %c[r12](%%rax)"
		: : [svm]"r"(svm),
		[rcx]"i"(offsetof(struct vcpu_svm, vcpu.arch.regs[VCPU_REGS_RCX])),
		[r12]"i"(offsetof(struct vcpu_svm, vcpu.arch.regs[VCPU_REGS_R12]))
		: "cc", "memory", "rax", "rcx", "r12");`,
  ),
];
