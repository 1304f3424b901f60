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

void leave_guest(void);
struct vcpu_svm *find_svm(void);
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

export function both(...registers: readonly Gpr[]): Moved {
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
  /** Other files, by their paths. */
  readonly files?: Texts;
}

/** A fixture in an assembly file: what is between a function's beginning and its end, with callee-saved registers saved. */
export function assembly(title: string, moves: Moved, body: string, options: Options = {}): Fixture {
  const { given = 'svm', before = '', after = '', variables = {}, results = {}, files = {} } = options;
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
    files: { [HOST]: CACHE, 'arch/x86/kvm/kvm-asm-offsets.c': OFFSETS, [SVM_C]: caller, [SVM_S]: text, ...files },
    path: SVM_S,
    function: 'run_guest',
    arrayArgument: given === 'regs' ? 1 : null,
    moves,
    calls: [{ function: 'run_guest', arguments: [given === 'svm' ? 'vcpu' : 'regs'], exit: null, variables, results }],
  };
}

/** A fixture in C: the statements of a function that has `svm` and `vcpu`. */
export function inline(title: string, moves: Moved, statements: string, defines = ''): Fixture {
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

export const R9 = 'SVM_regs + 9*8';
export const RCX = 'SVM_regs + 1*8';
export const R12 = 'SVM_regs + 12*8';

/** The pointer to the stack, RCX and R12 loaded. */
export const LOADS = `	push %rdi
	mov SVM_vmcb_pa(%rdi), %rax
	mov ${RCX}(%rdi), %rcx
	mov ${R12}(%rdi), %r12
	vmrun %rax`;

/** The pointer from the stack, RCX and R12 stored. */
export const STORES = `	pop %rax
	mov %rcx, ${RCX}(%rax)
	mov %r12, ${R12}(%rax)`;

export const MOVED = both('RCX', 'R12');
