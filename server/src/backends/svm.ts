import type { Backend } from './backend.js';
import { holdsInSaveArea, saveAreaOwners, saveAreaWords } from './saveArea.js';

/** AMD-V: VMRUN loads RAX, RSP, RIP and the rest of the save area from the VMCB, #VMEXIT saves them there. */
export const SVM: Backend = {
  name: 'svm',
  title: 'SVM',
  vendor: 'svm',
  cpus: ['X86_VENDOR_AMD', 'X86_VENDOR_HYGON'],
  hiddenIn: null,
  // APM vol. 2, 15.5.
  entry: { instructions: ['vmrun'], call: null, exitTitle: '#VMEXIT', claims: null },
  places: [
    {
      kind: 'vmcb',
      words: saveAreaWords('VMCB'),
      role: 'save-area',
      loadsXsaveState: false,
      holds: (field, register) => field.startsWith('save.') && holdsInSaveArea(field, register),
      describes: (name) => BESIDE_VMRUN.get(name) ?? VIRTUAL_TPR.get(name) ?? CONTROL_FIELDS.get(name) ?? null,
      parts: [{ field: 'control.int_ctl', mask: 'V_TPR_MASK', register: 'CR8' }],
    },
  ],
  structs: {
    // APM vol. 2, appendix B: the VMCB's areas; asm/svm.h.
    vmcb_save_area: { kind: 'vmcb', prefix: 'save.' },
    vmcb_control_area: { kind: 'vmcb', prefix: 'control.' },
    // svm/svm.h: `svm->nested.save`, KVM's copy of what it needs of L1's VMCB for L2.
    vmcb_save_area_cached: { kind: 'nested', prefix: 'nested.save.' },
  },
  members: { save: 'vmcb_save_area' },
  placeFunction: () => null,
  ownersOf: (register, query) => saveAreaOwners(register, query, 'vmcb'),
};

const EXTRA_STATE = 'FS, GS, TR, LDTR, KERNEL_GS_BASE and the MSRs of SYSCALL and SYSENTER';

/** State that neither VMRUN nor #VMEXIT switches, at the VMCB whose address is in RAX (APM vol. 2, 15.5.2). */
const BESIDE_VMRUN: ReadonlyMap<string, string> = new Map([
  ['vmload', `loads from a VMCB what VMRUN does not: ${EXTRA_STATE}`],
  ['vmsave', `saves to a VMCB what #VMEXIT does not: ${EXTRA_STATE}`],
]);

/** The VMCB's virtual TPR, which the guest's CR8 reads and writes (APM vol. 2, 15.21.2 and appendix B; asm/svm.h). */
const VIRTUAL_TPR: ReadonlyMap<string, string> = new Map([
  ['int_ctl', "controls of virtual interrupts in the VMCB; its bits V_TPR are the guest's CR8 while it runs"],
  ['V_TPR_MASK', "the bits of the VMCB's control.int_ctl that are the guest's CR8 while it runs"],
]);

/** Fields of the VMCB's control area that have to do with registers (APM vol. 2, 15.7.1, 15.20, 15.25.3, 15.35, appendices B and C; asm/svm.h). */
const CONTROL_FIELDS: ReadonlyMap<string, string> = new Map([
  [
    'control.next_rip',
    'the address behind the instruction that exited, as #VMEXIT tells it, or behind a soft interrupt that VMRUN injects, no guest register',
  ],
  [
    'control.exit_info_1',
    "what #VMEXIT, or the GHCB of a VMGEXIT, tells of an exit by its reason, no guest register; of a write trap's, the value that the guest writes",
  ],
  ['control.nested_cr3', "the root of KVM's nested page tables, no guest register"],
  ['control.ghcb_gpa', "the guest's GHCB MSR: the GHCB's address, or a request by the MSR protocol and its answer"],
]);
