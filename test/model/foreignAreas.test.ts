import { describe, expect, it } from 'vitest';
import { modelOf } from '../engine.js';
import { CACHE } from '../facts/fixture.js';

/** The calls of a TDX module, done by a hypervisor for one that runs on it: our own words. */
const EMULATOR = {
  'arch/x86/kvm/vmx/vmx.h': `
struct vmcs { u32 revision; };
struct loaded_vmcs { struct vmcs *vmcs; struct vmcs *shadow_vmcs; };
struct vcpu_vmx { struct kvm_vcpu vcpu; struct loaded_vmcs *loaded_vmcs; struct loaded_vmcs vmcs01; };
static inline struct vcpu_vmx *to_vmx(struct kvm_vcpu *vcpu) { return container_of(vcpu, struct vcpu_vmx, vcpu); }
`,
  'arch/x86/kvm/vmx/td.h': `
struct td_vcpu { struct vmcs *vmcs; struct loaded_vmcs loaded; unsigned long regs[NR_VCPU_REGS]; };
struct td_vcpu *td_vcpu_of(struct kvm_vcpu *vcpu);
`,
};

/** The places that RSP of the cache goes to and comes from: `f: -> vmcs GUEST_RSP`. */
async function moves(text: string): Promise<string[]> {
  const { registers } = await modelOf({ ...CACHE, ...EMULATOR, 'arch/x86/kvm/vmx/td.c': text });
  const rsp = registers.find(({ register }) => register === 'RSP');
  return (rsp?.transfers ?? []).flatMap(({ from, to, function: name }) => {
    const [other, arrow] = to?.kind === 'cache' ? [from, '<-'] : [to, '->'];
    return other ? [`${name}: ${arrow} ${other.kind} ${other.name}`] : [];
  });
}

function code(body: string, before = ''): string {
  return `${before}
static void code(struct kvm_vcpu *vcpu)
{
	struct vcpu_vmx *vmx = to_vmx(vcpu);
	struct td_vcpu *td = td_vcpu_of(vcpu);
${body}
}
`;
}

const STORE = '\tvmcs_writel(GUEST_RSP, vcpu->arch.regs[VCPU_REGS_RSP]);';
const HELPER = `static void helper(struct kvm_vcpu *vcpu)\n{\n${STORE}\n}`;
const OWN = '-> vmcs GUEST_RSP';
const UNKNOWN = '-> unknown GUEST_RSP';

describe('a field of the VMCS that is current', () => {
  it.each([
    ["is the vCPU's", STORE, OWN],
    ["is the vCPU's again", `\tvmcs_load(td->vmcs);\n\tvmcs_load(vmx->loaded_vmcs->vmcs);\n${STORE}`, OWN],
    ['is not known behind the load of another', `\tvmcs_load(td->vmcs);\n${STORE}`, UNKNOWN],
    [
      'is not known behind the load of another, by a variable',
      `\tstruct vmcs *vmcs = td->loaded.vmcs;\n\tvmptrld(vmcs);\n${STORE}`,
      UNKNOWN,
    ],
    ['is not known behind the load of what a function gives', `\tvmcs_load(page_address(td));\n${STORE}`, UNKNOWN],
    ['is no shadow VMCS', `\tvmcs_load(vmx->vmcs01.shadow_vmcs);\n${STORE}`, UNKNOWN],
  ])('%s', async (_, body, expected) => {
    expect(await moves(code(body))).toEqual([`code: ${expected}`]);
  });

  it.each([
    ["is the vCPU's", '\thelper(vcpu);', OWN],
    ['is not known', '\tvmcs_load(td->vmcs);\n\thelper(vcpu);', UNKNOWN],
    ["is the vCPU's, before another is loaded", '\thelper(vcpu);\n\tvmcs_load(td->vmcs);', OWN],
    [
      "is the vCPU's, once that is loaded again",
      '\tvmcs_load(td->vmcs);\n\tvmcs_load(vmx->vmcs01.vmcs);\n\thelper(vcpu);',
      OWN,
    ],
  ])('%s in a function that is called', async (_, body, expected) => {
    expect(await moves(code(body, HELPER))).toEqual([`helper: ${expected}`]);
  });

  it('is not known two calls away', async () => {
    const between = 'static void between(struct kvm_vcpu *vcpu)\n{\n\thelper(vcpu);\n}';
    expect(await moves(code('\tvmcs_load(td->vmcs);\n\tbetween(vcpu);', `${HELPER}\n${between}`))).toEqual([
      `helper: ${UNKNOWN}`,
    ]);
  });
});

describe('an accessor that is given a VMCS', () => {
  it.each([
    ["the vCPU's", 'vmcs_writel(vmx->loaded_vmcs, GUEST_RSP, vcpu->arch.regs[VCPU_REGS_RSP])', OWN],
    ["the vCPU's, behind the field", 'vmcs_writel(GUEST_RSP, vcpu->arch.regs[VCPU_REGS_RSP], vmx->loaded_vmcs)', OWN],
    ["a TD's", 'vmcs_writel(td->vmcs, GUEST_RSP, vcpu->arch.regs[VCPU_REGS_RSP])', UNKNOWN],
    ["a TD's, inside of it", 'vmcs_writel(&td->loaded, GUEST_RSP, vcpu->arch.regs[VCPU_REGS_RSP])', UNKNOWN],
    ["a vCPU's", 'vmcs_writel(vcpu, GUEST_RSP, vcpu->arch.regs[VCPU_REGS_RSP])', OWN],
    ["a vendor's vCPU's", 'vmcs_writel(vmx, GUEST_RSP, vcpu->arch.regs[VCPU_REGS_RSP])', OWN],
    ['none, but the size', 'vmcs_write(8, GUEST_RSP, vcpu->arch.regs[VCPU_REGS_RSP])', OWN],
    ['none, and the value first', 'vmcs_writel(vcpu->arch.regs[VCPU_REGS_RSP], GUEST_RSP)', OWN],
    ['a read', 'vcpu->arch.regs[VCPU_REGS_RSP] = vmcs_readl(vcpu, GUEST_RSP)', '<- vmcs GUEST_RSP'],
    ["a read of a TD's", 'vcpu->arch.regs[VCPU_REGS_RSP] = vmcs_readl(td->vmcs, GUEST_RSP)', '<- unknown GUEST_RSP'],
  ])('%s', async (_, statement, expected) => {
    expect(await moves(code(`\t${statement};`))).toEqual([`code: ${expected}`]);
  });
});

it('an array of registers that is not the cache is no place of them', async () => {
  expect(await moves(code('\ttd->regs[VCPU_REGS_RSP] = vmcs_readl(GUEST_RSP);'))).toEqual([]);
});
