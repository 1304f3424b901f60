import { beforeAll, describe, expect, it } from 'vitest';
import { checkTree, unjudged } from '../../server/src/check/checkTree.js';
import { TRACKING_RULES } from '../../server/src/check/tracking/trackingRules.js';
import { ownerSummary } from '../../server/src/explain/ownerSummary.js';
import { runBeginnings } from '../../server/src/model/query/runPaths.js';
import { readTree } from '../../server/src/model/readTree.js';
import type { RegisterModel } from '../../server/src/model/registerModel.js';
import { parser, treeAt } from '../engine.js';
import { samplePath } from '../samples.js';

const DIRECTORY = 'arch/x86/kvm/vmx/hyp';

/** A hypervisor below the host, which KVM starts as it is initialized: it has a vCPU for the host, and copies RSP at every exit. */
const HYPERVISOR = {
  [`${DIRECTORY}/enter.S`]: `
#include <linux/linkage.h>
#include <asm/asm.h>
#include <asm/bitsperlong.h>

SYM_FUNC_START(__hyp_run)
	push %_ASM_BX
	push %_ASM_ARG1
	mov %_ASM_ARG1, %_ASM_CX
	mov (3*WORD_SIZE)(%_ASM_CX), %_ASM_BX
	vmresume
	jmp 1f
SYM_INNER_LABEL(hyp_vmexit, SYM_L_GLOBAL)
	mov (%_ASM_SP), %_ASM_CX
	mov %_ASM_BX, (3*WORD_SIZE)(%_ASM_CX)
1:	pop %_ASM_CX
	pop %_ASM_BX
	RET
SYM_FUNC_END(__hyp_run)
`,
  [`${DIRECTORY}/loop.c`]: `
int __hyp_run(unsigned long *regs);

int hyp_start(void)
{
	return hyp_main(this_cpu_ptr(&host_vcpu));
}

int hyp_main(struct kvm_vcpu *vcpu)
{
	for (;;) {
		__hyp_run(vcpu->arch.regs);
		vcpu->arch.regs[VCPU_REGS_RSP] = vmcs_readl(GUEST_RSP);
		vcpu->arch.cr3 = vmcs_readl(GUEST_CR3);
		handle_host(vcpu);
	}
}
`,
  [`${DIRECTORY}/exits.c`]: `
static void set_register(struct kvm_vcpu *vcpu, unsigned long value)
{
	vcpu->arch.regs[VCPU_REGS_RSP] = value + vcpu->arch.cr3;
}

void handle_host(struct kvm_vcpu *vcpu)
{
	set_register(vcpu, vcpu->arch.regs[VCPU_REGS_RSP]);
}
`,
};

describe('another hypervisor in the tree, which an operation without a vCPU starts', () => {
  const sample = treeAt(samplePath('load-store-regs'));
  let model: RegisterModel;
  beforeAll(async () => {
    const changes: Readonly<Record<string, readonly [string, string]>> = {
      'arch/x86/include/asm/kvm_host.h': ['struct kvm_x86_ops {', 'struct kvm_x86_ops {\n\tint (*start)(void);'],
      'arch/x86/include/asm/kvm-x86-ops.h': ['KVM_X86_OP(vcpu_run)', 'KVM_X86_OP(start)\nKVM_X86_OP(vcpu_run)'],
      'arch/x86/kvm/vmx/main.c': ['.vcpu_run =', '.start = hyp_start,\n\t.vcpu_run ='],
      'arch/x86/kvm/x86.c': [
        'static int vcpu_enter_guest(',
        'int kvm_x86_start(void)\n{\n\treturn kvm_x86_call(start)();\n}\n\nstatic int vcpu_enter_guest(',
      ],
      // A handler of the same name that is the file's own.
      'arch/x86/kvm/vmx/nested.c': ['\nint ', '\nstatic void handle_host(struct kvm_vcpu *vcpu)\n{\n}\n\nint '],
    };
    const changed = sample.files.map(({ path, text }) => {
      const [written, by] = changes[path] ?? ['', ''];
      return { path, text: text.replace(written, by) };
    });
    for (const path of Object.keys(changes))
      expect(changed.find((file) => file.path === path)).not.toEqual(sample.files.find((file) => file.path === path));
    const own = Object.entries(HYPERVISOR).map(([path, text]) => ({ path, text }));
    model = readTree(await parser(), { ...sample, files: [...changed, ...own] });
  });

  const ownerOf = (name: string) => {
    const register = model.registers.find((any) => any.register === name);
    const owner = register?.owners.find(({ backend }) => backend === 'vmx');
    if (!register || !owner) throw new Error(`no ${name}`);
    return { owner, summary: ownerSummary(model, register, owner) };
  };

  it('is none of the ways by which a vCPU runs', () => {
    expect(runBeginnings(model).map(({ name }) => name)).toEqual(['vcpu_enter_guest']);
  });

  it("has moves of its own, behind KVM's", () => {
    const { owner, summary } = ownerOf('RSP');
    expect(owner.load.map((load) => [load.function, load.phase])).toEqual([
      ['vmx_cache_reg', 'on-demand'],
      ['hyp_main', 'other'],
    ]);
    expect(summary).toMatch(/read when needed by vmx_cache_reg; written back at VM-entry if dirty by vmx_vcpu_run/);
    const rbx = ownerOf('RBX');
    expect(rbx.summary).toMatch(/after VM-exit by __vmx_vcpu_run, loaded from it before VM-entry by __vmx_vcpu_run/);
    expect(rbx.owner.load.map((load) => load.function)).toEqual(['__vmx_vcpu_run', '__hyp_run']);
  });

  it('leaves the condition under which KVM keeps CR3 as it is', async () => {
    const plain = readTree(await parser(), sample).registers.find(({ register }) => register === 'CR3');
    expect(plain?.owners[0]?.when?.text).toBeDefined();
    expect(ownerOf('CR3').owner.when).toEqual(plain?.owners[0]?.when);
  });

  it('is asked no rule', () => {
    expect(unjudged(model)).toEqual([]);
    expect(checkTree(model, TRACKING_RULES)).toEqual([]);
  });
});
