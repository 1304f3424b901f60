import { assembly, both, inline, LOADS, MOVED, R12, R9, RCX, STORES, type Fixture } from './fixture.js';

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
