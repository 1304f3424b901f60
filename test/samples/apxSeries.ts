import type { TreeText } from '../../server/src/model/readTree.js';
import { withSeries, type Series } from '../kernels/apxDesigns/series.js';

/** A patch of the series that samples/apx-series has applied. */
interface Patch {
  readonly title: string;
  /** What takes it back. */
  readonly undo: Series[string];
}

const undone = (title: string, ...edits: NonNullable<Series[string]['edits']>): Patch => ({ title, undo: { edits } });

/** The patches in their order. */
export const PATCHES: readonly Patch[] = [
  undone('slots for R16-R31', [/^enum kvm_reg \{/, /#ifdef CONFIG_KVM_APX\n[^#]*#endif\n/, '']),
  undone(
    'the world switch moves them under a run flag',
    [/^SYM_FUNC_START\(__vmx_vcpu_run\)/, /#ifdef CONFIG_KVM_APX\n(?:[^#]|#(?!endif))*\.Legprs_loaded:\n#endif\n/, ''],
    [/^SYM_FUNC_START\(__vmx_vcpu_run\)/, /#ifdef CONFIG_KVM_APX\n(?:[^#]|#(?!endif))*\.Legprs_stored:\n#endif\n/, ''],
  ),
  undone('the run flag is set', [
    /^static unsigned int __vmx_vcpu_enter_flags\(/,
    /\n\t\/\* What the guest[^]*?flags \|= KVM_ENTER_EGPR_SWITCH;\n/,
    '',
  ]),
  undone(
    'userspace gets and sets them in its XSAVE buffer',
    [null, /#ifdef CONFIG_KVM_APX\n#define VCPU_EGPRS_PTR[^]*?\/\* The buffer holds/, '/* The buffer holds'],
    [/^static int kvm_vcpu_ioctl_x86_get_xsave2\(/, / & ~XFEATURE_MASK_APX/, ''],
    [/^static int kvm_vcpu_ioctl_x86_get_xsave2\(/, /\tkvm_copy_vcpu_regs_to_uabi\(.*\n/, ''],
    [/^static int kvm_vcpu_ioctl_x86_set_xsave\(/, /\tkvm_copy_uabi_to_vcpu_regs\(.*\n/, ''],
  ),
  undone(
    'register numbers of five bits',
    ...['vmx_get_exit_qual_gpr', 'vmx_get_insn_info_reg2', 'vmx_get_insn_info_base'].map(
      (name) =>
        [new RegExp(`^static inline int ${name}\\(`), /vmx_insn_info_extended\(\) \? .* : /, ''] as const,
    ),
  ),
  undone(
    'the emulator has 32 registers and decodes REX2',
    [null, /#ifdef CONFIG_KVM_APX\n#define NR_EMULATOR_GPRS 32\n#elif defined\(CONFIG_X86_64\)/, '#ifdef CONFIG_X86_64'],
    [/^struct x86_emulate_ctxt \{/, /u32 regs_valid;/, 'u16 regs_valid;'],
    [/^struct x86_emulate_ctxt \{/, /u32 regs_dirty;/, 'u16 regs_dirty;'],
    [null, /static __always_inline int rex_get_rxb[^]*?\n\}\n/, ''],
    [/^static int em_inc\(/, /rex_get_rxb\(ctxt->rex_bits, REX_B\)/, '(ctxt->rex_bits & REX_B ? 8 : 0)'],
    [/^int x86_decode_insn\(/, /\t\tcase 0xd5:[^]*?continue;\n/, ''],
  ),
  undone(
    'guests may enable APX, on VMX',
    [/^int kvm_x86_vendor_init\(/, /\t\tif \(IS_ENABLED\(CONFIG_KVM_APX\)\)\n.*\n/, ''],
    [/^static int svm_hardware_setup\(/, /\tkvm_caps\.supported_xcr0 .*\n/, ''],
  ),
];

/** The sample with the first patches applied; all of them where none is said. */
export function afterPatches(sample: TreeText, count: number): TreeText {
  const last = PATCHES.slice(count).toReversed();
  return withSeries(sample, Object.fromEntries(last.map(({ title, undo }) => [title, undo])));
}
