import type { TreeText } from '../../../server/src/model/readTree.js';
import { changeOf } from '../treeChanges.js';

/** A piece of a series: in a function that begins so (anywhere where that is null), what is found becomes `put`. */
export type Edit = readonly [within: RegExp | null, find: RegExp, put: string];

/** A patch series: parts, each with what it changes and the files that it adds. */
export type Series = Readonly<Record<string, SeriesPart>>;

interface SeriesPart {
  readonly edits?: readonly Edit[];
  readonly files?: Readonly<Record<string, string>>;
}

/** A tree with the parts of a series applied in their order, without those that are left out. */
export function withSeries(tree: TreeText, series: Series, without: readonly string[] = []): TreeText {
  for (const part of without) if (!(part in series)) throw new Error(`the series has no part ${part}`);
  return Object.entries(series)
    .filter(([name]) => !without.includes(name))
    .reduce((before, [, part]) => withPart(before, part), tree);
}

function withPart(tree: TreeText, { edits = [], files = {} }: SeriesPart): TreeText {
  const added = Object.entries(files).map(([path, text]) => ({ path, text }));
  return edits.reduce(edited, { ...tree, files: [...tree.files, ...added] });
}

function edited(tree: TreeText, [within, find, put]: Edit): TreeText {
  const change = changeOf(tree, within, find, put);
  const files = tree.files.map(({ path, text }) =>
    path === change.path
      ? { path, text: text.slice(0, change.start) + change.put + text.slice(change.end) }
      : { path, text },
  );
  return { ...tree, files };
}

const NUMBERS = Array.from({ length: 16 }, (_, i) => i + 16);
const OPERANDS = NUMBERS.map((number) => `%r${String(number)}`).join(', ');

const SLOTS: SeriesPart = {
  edits: [
    [
      /^enum kvm_reg \{/,
      /VCPU_REGS_R15,\n#endif\n/,
      `$&#ifdef CONFIG_KVM_APX\n${NUMBERS.map((n) => `\tVCPU_REGS_R${String(n)},\n`).join('')}#endif\n`,
    ],
  ],
};

const OPERAND_NUMBERS: SeriesPart = {
  edits: [
    [
      null,
      /#endif\n\t\.endm\n\n\.macro REG_NUM/,
      `${NUMBERS.map((n) => `\t.ifc \\r64,%r${String(n)}\n\t\\opd = ${String(n)}\n\t.endif\n`).join('')}$&`,
    ],
  ],
};

const LEAVE: SeriesPart = {
  edits: [[null, /(#define KVM_SUPPORTED_XCR0 +\()(XFEATURE_MASK_FP)/, '$1XFEATURE_MASK_APX | $2']],
};

const USERSPACE_OUT: SeriesPart = {
  edits: [
    [
      null,
      /^static (?:int|void) (?:kvm_vcpu_ioctl_x86_get_xsave2|fill_xsave)\(/m,
      `#define EGPRS(vcpu) (&(vcpu)->arch.regs[VCPU_REGS_R16])
static void egprs_to_uabi(struct kvm_vcpu *vcpu, struct kvm_xsave *xsave)
{
	void *area = (void *)xsave->region + xstate_offset(XFEATURE_APX);
	void *egprs = EGPRS(vcpu);

	memcpy(area, egprs, xstate_size(XFEATURE_APX));
}

$&`,
    ],
    [
      /^static (?:int|void) (?:kvm_vcpu_ioctl_x86_get_xsave2|fill_xsave)\(/,
      /fpu_copy_guest_fpstate_to_uabi\([^,]*, (state)[^;]*;|memcpy\((dest), xsave, XSAVE_HDR_OFFSET\);/,
      '$&\n\tegprs_to_uabi(vcpu, (struct kvm_xsave *)$1$2);',
    ],
  ],
};

const USERSPACE_IN: SeriesPart = {
  edits: [
    [
      null,
      /^static int kvm_vcpu_ioctl_x86_set_xsave\(/m,
      `static void uabi_to_egprs(struct kvm_vcpu *vcpu, struct kvm_xsave *xsave)
{
	u64 *area = (void *)xsave->region + xstate_offset(XFEATURE_APX);
	int i;

	for (i = VCPU_REGS_R16; i <= VCPU_REGS_R31; i++)
		vcpu->arch.regs[i] = area[i - VCPU_REGS_R16];
}

$&`,
    ],
    [
      /^static int kvm_vcpu_ioctl_x86_set_xsave\(/,
      /(?:return fpu_copy_uabi_to_guest_fpstate|load_xsave)\(/,
      'uabi_to_egprs(vcpu, guest_xsave);\n\t$&',
    ],
  ],
};

const VMX_ENTRY = /^SYM_FUNC_START\(__vmx_vcpu_run\)/;

/** regs[] swapped in VMX's world switch, for a tree with LOAD_REGS. */
export const WORLD_SWITCH: Series = {
  slots: SLOTS,
  operands: OPERAND_NUMBERS,
  flag: { edits: [[null, /#define KVM_ENTER_SAVE_SPEC_CTRL.*\n/, '$&#define KVM_ENTER_EGPR_SWITCH BIT(7)\n']] },
  'set flag': {
    edits: [
      [
        /^unsigned int __vmx_vcpu_enter_flags\(/,
        /return flags;/,
        'if (vmx->vcpu.arch.xcr0 & XFEATURE_MASK_APX)\n\t\tflags |= KVM_ENTER_EGPR_SWITCH;\n\n\t$&',
      ],
    ],
  },
  load: {
    edits: [
      [
        VMX_ENTRY,
        /\tLOAD_REGS %_ASM_DI, VMX_vcpu_arch_regs, %_ASM_DI\n/,
        `#ifdef CONFIG_KVM_APX
	testl $KVM_ENTER_EGPR_SWITCH, (%_ASM_SP)
	jz .Lno_egprs_to_load
	LOAD_REGS %_ASM_DI, VMX_vcpu_arch_regs, ${OPERANDS}
.Lno_egprs_to_load:
#endif
$&`,
      ],
    ],
  },
  store: {
    edits: [
      [
        VMX_ENTRY,
        /\txor %ebx, %ebx\n/,
        `#ifdef CONFIG_KVM_APX
	testl $KVM_ENTER_EGPR_SWITCH, (%_ASM_SP)
	jz .Lno_egprs_to_store
	STORE_REGS %_ASM_DI, VMX_vcpu_arch_regs, ${OPERANDS}
.Lno_egprs_to_store:
#endif
$&`,
      ],
    ],
  },
  out: USERSPACE_OUT,
  in: USERSPACE_IN,
  leave: LEAVE,
};

const each = (line: (n: string) => string) => NUMBERS.map((n) => line(String(n))).join('');

/** The same for a tree with a mov for each register, whose slots have names. */
export const WORLD_SWITCH_BY_MOV: Series = {
  slots: SLOTS,
  numbers: {
    edits: [
      [null, /#define __VCPU_REGS_R15 15\n/, `$&${each((n) => `#define __VCPU_REGS_R${n} ${n}\n`)}`],
      [
        null,
        /#define VCPU_R15\s+__VCPU_REGS_R15 \* WORD_SIZE\n(?=[^]*SYM_FUNC_START\(__vmx_vcpu_run\))/,
        `$&${each((n) => `#define VCPU_R${n} __VCPU_REGS_R${n} * WORD_SIZE\n`)}`,
      ],
    ],
  },
  flag: {
    edits: [
      [
        null,
        /#define VMX_RUN_SAVE_SPEC_CTRL_SHIFT\s+1\n/,
        '$&#define VMX_RUN_EGPRS_SHIFT 2\n#define VMX_RUN_EGPRS BIT(VMX_RUN_EGPRS_SHIFT)\n',
      ],
    ],
  },
  'set flag': {
    edits: [
      [
        /^unsigned int __vmx_vcpu_run_flags\(/,
        /return flags;/,
        'if (vmx->vcpu.arch.xcr0 & XFEATURE_MASK_APX)\n\t\tflags |= VMX_RUN_EGPRS;\n\n\t$&',
      ],
    ],
  },
  load: {
    edits: [
      [
        VMX_ENTRY,
        /\tbt +\$VMX_RUN_VMRESUME_SHIFT, %e?bx\n/,
        `\tbt $VMX_RUN_EGPRS_SHIFT, %ebx\n\tjnc 1f\n${each((n) => `\tmov VCPU_R${n}(%_ASM_AX), %r${n}\n`)}1:\n$&`,
      ],
    ],
  },
  store: {
    edits: [
      [
        VMX_ENTRY,
        /\txor %ebx, %ebx\n/,
        `\tbt $VMX_RUN_EGPRS_SHIFT, WORD_SIZE(%_ASM_SP)\n\tjnc 2f\n${each((n) => `\tmov %r${n}, VCPU_R${n}(%_ASM_AX)\n`)}2:\n$&`,
      ],
    ],
  },
  out: USERSPACE_OUT,
  in: USERSPACE_IN,
  leave: LEAVE,
};

const moves = (from: (n: number) => string, to: (n: number) => string) =>
  NUMBERS.map((n) => `\tmov ${from(n)}, ${to(n)}\n`).join('');
const slot = (n: number) => `(VCPU_arch_regs + ${String(n)} * 8)(%rdi)`;
const gpr = (n: number) => `%r${String(n)}`;

const helperFile = (include: string, slotOf: (n: number) => string) => ({
  'arch/x86/kvm/apx.S': `#include <linux/linkage.h>
${include}
#ifdef CONFIG_KVM_APX
SYM_FUNC_START(kvm_apx_save)
${moves(slotOf, gpr)}	RET
SYM_FUNC_END(kvm_apx_save)
SYM_FUNC_START(kvm_apx_restore)
${moves(gpr, slotOf)}	RET
SYM_FUNC_END(kvm_apx_restore)
#endif
`,
});

/** Helpers that are given the vCPU, for a tree whose build knows offsets in it. */
const HELPERS: SeriesPart = {
  edits: [[null, /\tOFFSET\(VMX_spec_ctrl, /, '\tOFFSET(VCPU_arch_regs, kvm_vcpu, arch.regs);\n$&']],
  files: helperFile('#include "kvm-asm-offsets.h"', slot),
};

/** Helpers that are given the array. */
const HELPERS_OF_REGS: SeriesPart = {
  files: helperFile('#include <asm/kvm_vcpu_regs.h>', (n) => `(${String(n)} * 8)(%rdi)`),
};

const before = (given: string) => `if (static_cpu_has(X86_FEATURE_APX))\n\t\tkvm_apx_save(${given});\n\t$&`;
const behind = (given: string) => `$&\n\tif (static_cpu_has(X86_FEATURE_APX))\n\t\tkvm_apx_restore(${given});\n`;
const ENTER = /^static int vcpu_enter_guest\(/;

/** regs[] swapped by helpers beside the guest's XCR0, where common code loads it. */
export const BESIDE_XFEATURES: Series = {
  slots: SLOTS,
  helpers: HELPERS,
  'call before': { edits: [[ENTER, /kvm_load_xfeatures\(vcpu, true\);/, before('vcpu')]] },
  'call behind': { edits: [[ENTER, /kvm_load_xfeatures\(vcpu, false\);/, behind('vcpu')]] },
  out: USERSPACE_OUT,
  in: USERSPACE_IN,
  leave: LEAVE,
};

const besideXsaveState = (helpers: SeriesPart, given: string): Series => ({
  slots: SLOTS,
  helpers,
  ...Object.fromEntries(
    Object.entries({ vmx: /^.*fastpath_t vmx_vcpu_run\(/, svm: /^.*fastpath_t svm_vcpu_run\(/ }).map(
      ([backend, run]): [string, SeriesPart] => [
        backend,
        {
          edits: [
            [run, /kvm_load_guest_xsave_state\(vcpu\);/, before(given)],
            [run, /kvm_load_host_xsave_state\(vcpu\);/, behind(given)],
          ],
        },
      ],
    ),
  ),
  out: USERSPACE_OUT,
  in: USERSPACE_IN,
  leave: LEAVE,
});

/** The same where each backend loads the guest's XCR0 itself. */
export const BESIDE_XSAVE_STATE = besideXsaveState(HELPERS, 'vcpu');

/** The same with helpers that know nothing of a vCPU. */
export const BESIDE_XSAVE_STATE_OF_REGS = besideXsaveState(HELPERS_OF_REGS, 'vcpu->arch.regs');

const hex = (n: number) => `0x${n.toString(16).padStart(2, '0')}`;
const read = (n: number) => `.byte 0xd5, ${hex(n & 8 ? 0x4c : 0x48)}, 0x89, ${hex(0xc0 | ((n & 7) << 3))}`;
const write = (n: number) => `.byte 0xd5, ${hex(n & 8 ? 0x19 : 0x18)}, 0x89, ${hex(0xc0 | (n & 7))}`;
const cases = (asm: (n: number) => string, operands: string) =>
  NUMBERS.map((n) => `\tcase __VCPU_XREG_R${String(n)}: asm("${asm(n)}" ${operands}); break;\n`).join('');

/** An accessor by number that leaves the move to another function. */
const accessor = (name: string): string => `static void ${name}(int reg, unsigned long *data)
{
	if (WARN_ON_ONCE(!cpu_has_xfeatures(XFEATURE_MASK_APX, NULL)))
		return;

	_${name}(reg, data);
}
`;

const lock = (what: string): SeriesPart => ({
  edits: [
    [
      new RegExp(`^static void kvm_${what}_egpr\\(`),
      /_kvm_\w+_egpr\(reg, data\);/,
      'kvm_fpu_get();\n\t$&\n\tkvm_fpu_put();',
    ],
  ],
});

/** Nothing in regs[]: accessors of the registers themselves, which the FPU core saves as part of the guest fpstate. */
export const XSAVE: Series = {
  numbers: {
    edits: [
      [
        null,
        /#define __VCPU_REGS_RDI +7\n/,
        `$&${NUMBERS.map((n) => `#define __VCPU_XREG_R${String(n)} ${String(n)}\n`).join('')}`,
      ],
    ],
  },
  read: {
    edits: [
      [
        null,
        /^static (?:int|void) kvm_vcpu_ioctl_x86_get_xsave2\(/m,
        `static void _kvm_read_egpr(int reg, unsigned long *data)\n{\n\tswitch (reg) {\n${cases(read, ': "=a"(*data)')}\t}\n}
${accessor('kvm_read_egpr')}\n$&`,
      ],
    ],
  },
  write: {
    edits: [
      [
        null,
        /^static (?:int|void) kvm_vcpu_ioctl_x86_get_xsave2\(/m,
        `static void _kvm_write_egpr(int reg, unsigned long *data)\n{\n\tswitch (reg) {\n${cases(write, ': : "a"(*data)')}\t}\n}
${accessor('kvm_write_egpr')}\n$&`,
      ],
    ],
  },
  'lock read': lock('read'),
  'lock write': lock('write'),
  leave: LEAVE,
};
