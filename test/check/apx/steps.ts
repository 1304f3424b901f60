import type { TreeText } from '../../../server/src/model/readTree.js';
import { changeOf, type Change } from '../../kernels/treeChanges.js';

/** A change of a tree that keeps its lines. */
type TreeChange = (tree: TreeText) => Change;

const UPPER = Array.from({ length: 16 }, (_, i) => i + 16);

function listed(item: (n: number) => string, between: string): string {
  return UPPER.map(item).join(between);
}

/** R16-R31 in the register enum. */
export const inEnum: TreeChange = (tree) =>
  changeOf(tree, /^enum kvm_reg \{/, /VCPU_REGS_R15,/, `$& ${listed((n) => `VCPU_REGS_R${String(n)},`, ' ')}`);

/** R16-R31 in the set of what TDX keeps available. */
export const inSet: TreeChange = (tree) =>
  changeOf(tree, null, /BIT\(VCPU_REGS_R15\)/, `$& | ${listed((n) => `BIT(VCPU_REGS_R${String(n)})`, ' | ')}`);

/** Names of R16-R31 in the assembly's table. */
export const inTable: TreeChange = (tree) =>
  changeOf(
    tree,
    /^#define __VCPU_REGS_RDI/,
    /\.ifc \\r64,%r15/,
    `${listed((n) => `.ifc \\r64,%r${String(n)}; \\opd = ${String(n)}; .endif`, '; ')}; $&`,
  );

/** APX for guests, which gives userspace its way to R16-R31. */
export const isSupported: TreeChange = (tree) =>
  changeOf(tree, null, /(#define KVM_SUPPORTED_XCR0[^]*?)XFEATURE_MASK_FP/, '$1XFEATURE_MASK_APX | XFEATURE_MASK_FP');

/** A step of a series, and the places that are no findings once it is taken. */
export interface Step {
  readonly title: string;
  readonly changes: (tree: TreeText) => readonly Change[];
  /** `FILE:LINE rule`, without `arch/x86/`. */
  readonly gone: readonly string[];
  /** New findings: the place has moved, or another holds the rest. */
  readonly fresh?: readonly string[];
}

const EMULATOR_BOUNDS = [
  'kvm/emulate.c:255 apx/bound',
  'kvm/kvm_emulate.h:325 apx/gpr-count',
  'kvm/kvm_emulate.h:402 apx/fixed-array',
  'kvm/kvm_emulate.h:547 apx/bound',
  'kvm/kvm_emulate.h:548 apx/bound',
  'kvm/kvm_emulate.h:559 apx/bound',
  'kvm/kvm_emulate.h:560 apx/bound',
];

const DECODER = [1103, 1122, 1123, 1124, 4923].map((line) => `kvm/emulate.c:${String(line)} apx/decoder`);

export const STEPS: readonly Step[] = [
  {
    title: 'a helper with a fifth bit',
    changes: (tree) => [changeOf(tree, /^static inline int vmx_get_instr_info_reg2\(/, /0xf/, '0x1f')],
    gone: ['kvm/vmx/vmx.h:719 apx/narrow-index'],
  },
  {
    title: 'a helper with five bits on CPUs that report five, and four on others',
    changes: (tree) => [
      changeOf(
        tree,
        /^static inline int vmx_get_instr_info_reg2\(/,
        /return \(vmx_instr_info >> 28\) & 0xf;/,
        'if (has_extended_info()) return (vmx_instr_info >> 40) & 0x1f; return (vmx_instr_info >> 28) & 0xf;',
      ),
    ],
    gone: ['kvm/vmx/vmx.h:719 apx/narrow-index'],
  },
  {
    title: 'the same in one expression',
    changes: (tree) => [
      changeOf(
        tree,
        /^static int handle_cr\(/,
        /\(exit_qualification >> 8\) & 15/,
        'has_extended_info() ? (exit_qualification >> 8) & 31 : (exit_qualification >> 8) & 15',
      ),
    ],
    gone: ['kvm/vmx/vmx.c:5667 apx/narrow-index'],
  },
  {
    title: 'a helper in place of a field that is cut by hand, with five bits',
    changes: (tree) => [
      changeOf(tree, /^static int handle_cr\(/, /\(exit_qualification >> 8\) & 15/, 'exit_gpr(exit_qualification)'),
      changeOf(
        tree,
        null,
        /^static int handle_cr\(struct kvm_vcpu \*vcpu\)$/m,
        'static int exit_gpr(unsigned long q) { return (q >> 8) & 0x1f; } $&',
      ),
    ],
    gone: ['kvm/vmx/vmx.c:5667 apx/narrow-index'],
  },
  {
    title: 'the same helper with four bits: the place has moved',
    changes: (tree) => [
      changeOf(tree, /^static int handle_cr\(/, /\(exit_qualification >> 8\) & 15/, 'exit_gpr(exit_qualification)'),
      changeOf(
        tree,
        null,
        /^static int handle_cr\(struct kvm_vcpu \*vcpu\)$/m,
        'static int exit_gpr(unsigned long q) { return (q >> 8) & 0xf; } $&',
      ),
    ],
    gone: ['kvm/vmx/vmx.c:5667 apx/narrow-index'],
    fresh: ['kvm/vmx/vmx.c:5657 apx/narrow-index'],
  },
  {
    title: 'a macro that masks five bits',
    changes: (tree) => [changeOf(tree, null, /(#define SVM_EXITINFO_REG_MASK) 0x0F/, '$1 0x1F')],
    gone: ['include/asm/svm.h:661 apx/narrow-index'],
  },
  {
    title: 'a macro that cuts five bits',
    changes: (tree) => [
      changeOf(tree, null, /(#define DEBUG_REG_ACCESS_REG\(eq\) +\(\(\(eq\) >> 8\)) & 0xf/, '$1 & 0x1f'),
    ],
    gone: ['include/asm/vmx.h:477 apx/narrow-index'],
  },
  {
    title: 'one mask of the emulator with 32 bits',
    changes: (tree) => [changeOf(tree, /^struct x86_emulate_ctxt \{/, /u16 regs_valid;/, 'u32 regs_valid;')],
    gone: [
      'kvm/kvm_emulate.h:384 apx/narrow-mask',
      'kvm/kvm_emulate.h:550 apx/narrow-shift',
      'kvm/kvm_emulate.h:551 apx/narrow-shift',
      'kvm/kvm_emulate.h:565 apx/narrow-shift',
    ],
  },
  {
    title: "the emulator's copy of 32 registers",
    changes: (tree) => [changeOf(tree, null, /#define NR_EMULATOR_GPRS\t16/, '#define NR_EMULATOR_GPRS\t32')],
    gone: EMULATOR_BOUNDS,
  },
  {
    title: 'one register number of the decoder with bit 4',
    changes: (tree) => [
      changeOf(
        tree,
        /^static int decode_modrm\(/,
        /ctxt->rex_bits & REX_X \? 8 : 0/,
        '($&) | (ctxt->rex_bits & REX_X4 ? 16 : 0)',
      ),
    ],
    gone: ['kvm/emulate.c:1123 apx/decoder'],
  },
  {
    title: 'the decoder with bit 4 of every number, and REX2',
    changes: (tree) => [
      ...['REX_R', 'REX_X', 'REX_B'].map((bit) =>
        changeOf(
          tree,
          /^static int decode_modrm\(/,
          new RegExp(`\\(ctxt->rex_bits & ${bit} \\? 8 : 0\\)`),
          `rex_number(ctxt, ${bit})`,
        ),
      ),
      changeOf(
        tree,
        /^static void decode_register_operand\(/,
        /\(ctxt->rex_bits & REX_B \? 8 : 0\)/,
        'rex_number(ctxt, REX_B)',
      ),
    ],
    gone: DECODER,
  },
  {
    title: 'REX2 decoded, and its bit not yet used for any number',
    changes: (tree) => [
      changeOf(
        tree,
        /^int x86_decode_insn\(/,
        /case 0x40 \.\.\. 0x4f:/,
        'case 0xd5: ctxt->rex_bits = insn_fetch(u8, ctxt); continue; $&',
      ),
    ],
    gone: ['kvm/emulate.c:4923 apx/decoder'],
  },
  {
    title: 'SMM with 32 slots',
    changes: (tree) => [
      changeOf(tree, /^struct kvm_smram_state_64 \{/, /gprs\[16\]/, 'gprs[32]'),
      changeOf(tree, /^static void enter_smm_save_state_64\(/, /i < 16/, 'i < 32'),
    ],
    gone: ['kvm/smm.c:234 apx/bound', 'kvm/smm.h:134 apx/fixed-array'],
  },
  {
    title: 'R16-R31 in the enum: what it sizes follows',
    changes: (tree) => [inEnum(tree)],
    gone: [
      'include/asm/kvm_host.h:194 apx/gpr-count',
      'include/asm/kvm_host.h:824 apx/fixed-array',
      'kvm/regs.h:204 apx/bound',
      'kvm/regs.h:221 apx/bound',
    ],
  },
  {
    title: 'half of R16-R31 in the enum: the last has moved, and 24 are too few',
    changes: (tree) => [
      changeOf(
        tree,
        /^enum kvm_reg \{/,
        /VCPU_REGS_R15,/,
        `$& ${UPPER.slice(0, 8)
          .map((n) => `VCPU_REGS_R${String(n)},`)
          .join(' ')}`,
      ),
    ],
    gone: [],
  },
  {
    title: "names of R16-R31 in the assembly's table",
    changes: (tree) => [inTable(tree)],
    gone: ['include/asm/kvm_vcpu_regs.h:51 apx/name-table'],
  },
  {
    title: 'R16-R31 in the set of what TDX keeps available, once the enum has them',
    changes: (tree) => [inEnum(tree), inSet(tree)],
    gone: [
      'include/asm/kvm_host.h:194 apx/gpr-count',
      'include/asm/kvm_host.h:824 apx/fixed-array',
      'kvm/regs.h:204 apx/bound',
      'kvm/regs.h:221 apx/bound',
      'kvm/vmx/tdx.c:1012 apx/register-set',
    ],
  },
  {
    title: 'APX for guests, which gives userspace its way to R16-R31',
    changes: (tree) => [isSupported(tree)],
    gone: ['include/uapi/asm/kvm.h:117 apx/uabi'],
  },
];
