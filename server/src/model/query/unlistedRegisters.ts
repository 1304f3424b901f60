import type { Place } from '../../backends/place.js';
import { CACHE_MEMBER } from '../../facts/symbols/cacheNames.js';

/**
 * Registers of the guest that KVM moves and that no enum of its lists, by what their fields are called: the guest-state area of the
 * VMCS (SDM vol. 3, 25.4.1), the VMCB's save area (APM vol. 2, appendix B), and structures that are made after them.
 */
const UNLISTED: readonly (readonly [field: RegExp, register: string | null])[] = [
  [/^(?:CR2|CR8|DR6|DR7|EFER|STAR|LSTAR|CSTAR|SFMASK|KERNEL_GS_BASE|PAT|BNDCFGS|S_CET|SSP|PKRS|CPL)$/, null],
  [/^(?:SYSENTER_(?:CS|ESP|EIP)|PERF_GLOBAL_CTRL|RTIT_CTL|LBR_CTL|DEBUGCTL)$/, null],
  [/^G_PAT$/, 'PAT'],
  [/^DBGCTL$/, 'DEBUGCTL'],
  [/^(?:INTR_SSP_TABLE|ISST_ADDR)$/, 'INTERRUPT_SSP_TABLE_ADDR'],
  [/^GDTR(?:_BASE|_LIMIT)?$/, 'GDTR'],
  [/^IDTR(?:_BASE|_LIMIT)?$/, 'IDTR'],
];

/** The register that a field holds by its name (`GUEST_S_CET`, `save.cr2`, `vmcs12.guest_ia32_pat`), if it is one that the enum does not list; null for any other. */
export function unlistedIn(field: string): string | null {
  const name = field
    .replace(/^.*\./, '')
    .toUpperCase()
    .replace(/^(?:GUEST|HOST)_/, '')
    .replace(/^IA32_/, '');
  const row = UNLISTED.find(([fields]) => fields.test(name));
  return row ? (row[1] ?? name) : null;
}

/** The member of an expression that is KVM's own copy of something: `cr8` of `vcpu->arch.cr8`; null for any other. */
export function ownCopy(expression: string): string | null {
  return OWN_COPY.exec(expression)?.[1] ?? null;
}

const OWN_COPY = new RegExp(`^vcpu(?:->|\\.)${CACHE_MEMBER}\\.(\\w+)$`);

/** Whether a place's name is of a member of the cache's struct; not of another's of that name, `kvm_run->debug.arch.dr7`, which userspace reads. */
export function isOfCacheStruct(name: string): boolean {
  return OF_CACHE.test(name);
}

const OF_CACHE = new RegExp(`(?:^|vcpu(?:->|\\.))${CACHE_MEMBER}\\.`);

/** Whether a place is the member of SMRAM's state save map for all general-purpose registers (smm.h). */
export function holdsAllGprs({ kind, name }: Place): boolean {
  return kind === 'smram' && /\.gprs(?:\[|$)/.test(name);
}
