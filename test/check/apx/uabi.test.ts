import { it } from 'vitest';
import { expectMarks } from './fixture.js';

const REGS = `
	__u64 rax, rbx, rcx, rdx, rsi, rdi, rsp, rbp;
	__u64 r8, r9, r10, r11, r12, r13, r14, r15;
	__u64 rip, rflags;`;

it("finds userspace's struct, and no layout of hardware or firmware", () =>
  expectMarks(`
struct kvm_regs { /* apx/uabi: kvm_regs */${REGS}
};
struct kvm_sregs {
	__u64 cr0, cr2, cr3, cr4, cr8;
};
struct sev_es_save_area {${REGS}
};
`));

it('leaves it alone where guests may enable APX, so that userspace gets R16-R31 with XSAVE', () =>
  expectMarks(`
#define KVM_SUPPORTED_XCR0 (XFEATURE_MASK_FP | XFEATURE_MASK_APX)
static void vendor_init(void)
{
	kvm_caps.supported_xcr0 = kvm_host.xcr0 & KVM_SUPPORTED_XCR0;
}
struct kvm_regs {${REGS}
};
`));
