import { assembly, both, LOADS, MOVED, R12, RCX, STORES, type Fixture } from './fixture.js';

const OTHER_S = 'arch/x86/kvm/svm/regs_asm.S';
const HEAD = '#include <linux/linkage.h>\n#include "kvm-asm-offsets.h"\n';

/** World switches that use what GNU as and the kernel's headers offer beyond plain instructions, and code of several files. */
export const ASSEMBLER_FIXTURES: readonly Fixture[] = [
  assembly(
    'helpers in another file',
    MOVED,
    `	push %rdi
	call get_registers
	vmrun %rax
	mov (%rsp), %rdi
	call put_registers
	pop %rdi`,
    {
      files: {
        [OTHER_S]: `${HEAD}
SYM_FUNC_START(get_registers)
	mov SVM_vmcb_pa(%rdi), %rax
	mov ${RCX}(%rdi), %rcx
	jmp get_others
SYM_FUNC_END(get_registers)
SYM_FUNC_START(get_others)
	mov ${R12}(%rdi), %r12
	RET
SYM_FUNC_END(get_others)
SYM_FUNC_START(put_registers)
1:	mov %rcx, ${RCX}(%rdi)
	test %rdi, %rdi
	jz 1b
	mov %r12, ${R12}(%rdi)
	RET
SYM_FUNC_END(put_registers)
`,
      },
    },
  ),
  assembly(
    'VM-entry in another file',
    MOVED,
    `	push %rdi
	mov SVM_vmcb_pa(%rdi), %rax
	mov ${RCX}(%rdi), %rcx
	mov ${R12}(%rdi), %r12
	call do_vmrun
${STORES}`,
    { files: { [OTHER_S]: `${HEAD}\nSYM_FUNC_START(do_vmrun)\n	vmrun %rax\n	RET\nSYM_FUNC_END(do_vmrun)\n` } },
  ),
  assembly(
    'macros with defaults, keywords and optional arguments',
    { load: ['RCX', 'R12', 'R13'], store: ['RCX', 'R13'] },
    `	push %rdi
	mov SVM_vmcb_pa(%rdi), %rax
	get
	get number=12 reg=r12
	get r13, 13
	vmrun %rax
	pop %rax
	put rcx, 1, r13, 13`,
    {
      before: `.macro get reg=rcx number=1
	mov SVM_regs + \\number*8(%rdi), %\\reg
.endm
.macro put reg:req, number:req, other, behind=0
	mov %\\reg, SVM_regs + (\\number)*8(%rax)
	.ifnb \\other
	mov %\\other, SVM_regs + \\behind * 8(%rax)
	.endif
.endm`,
    },
  ),
  assembly(
    'numbers that .rept and .altmacro count',
    both('R12', 'R13', 'R14'),
    `	push %rdi
	mov SVM_vmcb_pa(%rdi), %rax
	.altmacro
	.set n, 12
	.rept 3
	get_numbered %n
	.set n, n + 1
	.endr
	.noaltmacro
	vmrun %rax
	pop %rax
	.irp n, 12, 13, 14
	mov %r\\n, SVM_regs + \\n*8(%rax)
	.endr`,
    {
      before: `.macro get_numbered n
	mov SVM_regs + \\n*8(%rdi), %r\\n
.endm`,
    },
  ),
  assembly(
    'labels of a macro’s own, and a macro that a macro defines',
    MOVED,
    `${LOADS}
	settle
	settle
	pop %rax
	make_put put_registers
	put_registers rcx, 1
	put_registers r12, 12`,
    {
      before: `.macro settle
	mov $2, %rdx
.Lagain_\\@:
	sub $1, %rdx
	jnz .Lagain_\\@
.endm
.macro make_put name
	.macro \\name reg, number
	mov %\\reg, SVM_regs + \\number*8(%rax)
	.endm
.endm`,
    },
  ),
  assembly(
    'slots that symbols name',
    MOVED,
    `	push %rdi
	mov SVM_vmcb_pa(%rdi), %rax
	mov slot_rcx(%rdi), %rcx
	mov slot_r12(%rdi), %r12
	vmrun %rax
	pop %rax
	mov %rcx, slot_rcx(%rax)
	mov %r12, slot_rcx + 11*8(%rax)`,
    { before: `	.set slot_rcx, ${RCX}\nslot_r12 = slot_rcx + 11 * 8` },
  ),
  assembly(
    'a call through a register',
    MOVED,
    `${LOADS}
	pop %rdi
	lea put_registers(%rip), %rax
	call *%rax`,
    {
      after: `SYM_FUNC_START_LOCAL(put_registers)
	mov %rcx, ${RCX}(%rdi)
	mov %r12, ${R12}(%rdi)
	RET
SYM_FUNC_END(put_registers)
`,
    },
  ),
  assembly(
    'a jump through a register',
    MOVED,
    `${LOADS}
	pop %rdi
	mov $.Lput, %rax
	jmp *%rax
	ud2
.Lput:	mov %rcx, ${RCX}(%rdi)
	mov %r12, ${R12}(%rdi)`,
  ),
  assembly(
    'a retpoline',
    MOVED,
    `${LOADS}
	pop %rdi
	lea put_registers(%rip), %rax
	call indirect_thunk`,
    {
      after: `SYM_FUNC_START_LOCAL(indirect_thunk)
	call .Lover
.Lcapture:
	pause
	lfence
	jmp .Lcapture
.Lover:
	mov %rax, (%rsp)
	RET
SYM_FUNC_END(indirect_thunk)
SYM_FUNC_START_LOCAL(put_registers)
	mov %rcx, ${RCX}(%rdi)
	mov %r12, ${R12}(%rdi)
	RET
SYM_FUNC_END(put_registers)
`,
    },
  ),
  assembly(
    'registers that go through XMM registers',
    MOVED,
    `	push %rdi
	mov SVM_vmcb_pa(%rdi), %rax
	movq ${RCX}(%rdi), %xmm0
	movq %xmm0, %rcx
	mov ${R12}(%rdi), %r12
	vmrun %rax
	movq %rcx, %xmm1
	movq %r12, %xmm2
	pop %rax
	movq %xmm1, ${RCX}(%rax)
	movq %xmm2, ${R12}(%rax)`,
  ),
  assembly(
    'slots that are pushed and popped, with a per-CPU pointer',
    MOVED,
    `	mov SVM_vmcb_pa(%rdi), %rax
	pushq ${R12}(%rdi)
	pushq ${RCX}(%rdi)
	pop %rcx
	pop %r12
	vmrun %rax
	push %rcx
	mov %gs:current_svm, %rax
	mov %rax, %rdx
	add $SVM_regs, %rdx
	popq 8(%rdx)
	push %r12
	popq 12*8(%rdx)`,
    { variables: { current_svm: 'vcpu' } },
  ),
  assembly(
    'annotations of objtool, and moves in a section of their own',
    MOVED,
    `	ANNOTATE_NOENDBR
	UNWIND_HINT_FUNC
${LOADS}
	ANNOTATE_INTRA_FUNCTION_CALL
	call 1f
	.pushsection .text.put, "ax"
1:	mov 8(%rsp), %rax
	mov %rcx, ${RCX}(%rax)
	mov %r12, ${R12}(%rax)
	ret
	.popsection
	VALIDATE_UNRET_END
	pop %rax`,
    {
      before: `#define ANNOTATE_NOENDBR
#define UNWIND_HINT_FUNC
#define ANNOTATE_INTRA_FUNCTION_CALL
#define VALIDATE_UNRET_END`,
    },
  ),
  assembly(
    'two slots that an XMM register moves',
    { load: ['R12'], store: ['RCX', 'RDX', 'R12'] },
    `	push %rdi
	mov SVM_vmcb_pa(%rdi), %rax
	mov ${R12}(%rdi), %r12
	vmrun %rax
	pop %rax
	push %rdx
	push %rcx
	movdqu (%rsp), %xmm0
	movdqu %xmm0, ${RCX}(%rax)
	mov %r12, ${R12}(%rax)
	add $16, %rsp`,
  ),
];
