import type { Backend } from './backend.js';
import type { PlaceFunction } from './place.js';
import { saveAreaOwners, saveAreaWords, SEGMENTS } from './saveArea.js';

/** Intel VT-x: the guest's registers that are not general-purpose live in the VMCS, which VMREAD and VMWRITE reach. */
export const VMX: Backend = {
  name: 'vmx',
  title: 'VMX',
  vendor: 'vmx',
  cpus: ['X86_VENDOR_INTEL', 'X86_VENDOR_CENTAUR', 'X86_VENDOR_ZHAOXIN'],
  hiddenIn: null,
  // SDM vol. 3, 27.2.
  entry: { instructions: ['vmlaunch', 'vmresume'], call: null, exitTitle: 'VM-exit', claims: null },
  places: [
    {
      kind: 'vmcs',
      words: saveAreaWords('VMCS'),
      role: 'save-area',
      // By its areas of MSRs (SDM vol. 3, 25.7.2 and 25.8.2).
      loadsXsaveState: true,
      holds: (field, register) => isGuestStateOf(field, register),
      constants: /^GUEST_[A-Z0-9_]+$/,
      // SDM vol. 3, 32.3.
      instructions: /\bvm(?:read|write)/,
      describes: controlField,
    },
  ],
  structs: {
    // L1's control structure for L2 (vmx/vmcs12.h), and Hyper-V's for the same.
    vmcs12: { kind: 'nested', prefix: 'vmcs12.' },
    hv_enlightened_vmcs: { kind: 'nested', prefix: 'evmcs.' },
  },
  members: {},
  placeFunction: vmcsAccess,
  ownersOf: (register, query) => saveAreaOwners(register, query, 'vmcs'),
};

/**
 * Guest-state fields by the manual's names (SDM vol. 3, appendix B): GUEST_RSP, GUEST_PDPTR0, GUEST_CS_BASE, GUEST_IA32_PKRS; or one that
 * is counted from such a field, `GUEST_PDPTR0 + 2 * i`.
 */
function isGuestStateOf(field: string, register: string): boolean {
  if (register === 'SEGMENTS') return SEGMENT_STATE.test(field);
  const name = /^GUEST_(?:IA32_)?(\w+)(?: \+ .*)?$/.exec(field)?.[1];
  return name === register || name?.replace(/\d$/, '') === register;
}

const SEGMENT_STATE = new RegExp(`^GUEST_(?:${SEGMENTS.join('|')})_|segment_fields\\[`);

/** Fields that say what of a register hardware leaves to KVM (SDM vol. 3, 25.6.6), and the host's state (25.5). */
function controlField(field: string): string | null {
  const told = EXIT_FIELDS.get(field);
  if (told !== undefined) return told;
  const [, register, which] = /^(CR[04])_(READ_SHADOW|GUEST_HOST_MASK)$/.exec(field) ?? [];
  if (register !== undefined)
    return which === 'READ_SHADOW'
      ? `what the guest reads of the bits of ${register} that KVM owns`
      : `the bits of ${register} that KVM owns: a guest's write that changes one exits, and it reads them from ${register}_READ_SHADOW`;
  const host = HOST_STATE.exec(field)?.[1];
  return host === undefined ? null : `the host's ${host.replace(/_(?:BASE|SELECTOR)$/, '')}, which VM-exit loads`;
}

/** What an exit tells that has to do with registers (SDM vol. 3, 25.9.4). */
const EXIT_FIELDS: ReadonlyMap<string, string> = new Map([
  [
    'VM_EXIT_INSTRUCTION_LEN',
    'the length of the instruction that exited, by which KVM moves RIP on, no guest register',
  ],
  ['VMX_INSTRUCTION_INFO', 'what the exit tells of the operands of an instruction, numbers of GPRs among them'],
]);

/** Fields of the host-state area (SDM vol. 3, 25.5), all of registers. */
const HOST_STATE =
  /^HOST_(?:IA32_)?(CR[034]|RSP|RIP|[C-GST][SR]_(?:BASE|SELECTOR)|[GI]DTR_BASE|SYSENTER_(?:CS|ESP|EIP)|PAT|EFER|PERF_GLOBAL_CTRL|PKRS|S_CET|SSP|INTR_SSP_TABLE)$/;

/** VMPTRLD makes a VMCS current (SDM vol. 3, 25.1; vmx/vmx_ops.h). */
const SELECTING = /^(?:__)?(?:vmcs_load|vmptrld)$/;

/** Fields of the guest- and host-state areas (SDM vol. 3, appendix B; asm/vmx.h), and what is counted from one. */
const STATE_FIELDS = /^(?:GUEST|HOST)_[A-Z0-9_]+(?: \+ .*)?$/;

/** vmx/vmx_ops.h (`vmcs_read64(GUEST_RIP)`), and the enlightened VMCS (`evmcs_read64`). */
function vmcsAccess(name: string): PlaceFunction | null {
  if (SELECTING.test(name)) return { kind: 'vmcs', access: 'select', field: 0, fieldNames: null, value: null };
  const access = /^(?:__)?e?vmcs_(?:check)?(read|write)(?:16|32|64|l)?$/.exec(name)?.[1];
  if (access === undefined) return null;
  return access === 'read'
    ? { kind: 'vmcs', access, field: 0, fieldNames: STATE_FIELDS, value: null }
    : { kind: 'vmcs', access: 'write', field: 0, fieldNames: STATE_FIELDS, value: 1 };
}
