import { describe, expect, it } from 'vitest';
import { guardText } from '../../server/src/syntax/conditions/guard.js';
import { factsOf } from './fixture.js';

const STRUCTS = `
struct vmcb_save_area { u64 rax; u64 rcx; u64 rsp; };
struct vmcb { struct vmcb_save_area save; };
struct vcpu_svm { struct kvm_vcpu vcpu; struct vmcb *vmcb; };
#define OUT(svm, reg, REG) do { (svm)->vmcb->save.reg = (svm)->vcpu.arch.regs[VCPU_REGS_##REG]; } while (0)
#define OUT_BOTH(svm) OUT(svm, rax, RAX); OUT(svm, rcx, RCX)
#define ACCESSED(svm, reg) (svm)->vmcb->save.reg = kvm_##reg##_read(&(svm)->vcpu)
#define MARK(vcpu, REG) (vcpu)->arch.regs_avail |= 1 << VCPU_REGS_##REG
#define NO_REGISTER(a, b) a##b
`;

/** What macros make in a function around `body`: the moves and references, with the text where each is. */
async function pasted(body: string): Promise<string[]> {
  const text = `static void code(struct kvm_vcpu *vcpu, struct vcpu_svm *svm, bool is_new)\n{\n${body}\n}\n`;
  const { functions } = await factsOf(text, { 'arch/x86/kvm/svm/svm.h': STRUCTS });
  const facts = functions.find(({ facts: { name } }) => name === 'code')?.facts;
  const line = (offset: number) => text.slice(offset).replace(/[;\n][^]*/, '');
  return [
    ...(facts?.moves ?? []).map(({ from, to, offset, guards }) =>
      [`${from?.name ?? '-'} -> ${to?.name ?? '-'} at ${line(offset)}`, ...guards.map(guardText)].join(' if '),
    ),
    ...(facts?.references ?? []).map(({ kind, via, start, end }) => `${kind} ${via} at ${text.slice(start, end)}`),
    ...(facts?.bitmapChanges ?? []).map(({ bitmap, numbers }) => `${bitmap} ${numbers.join(' ')}`),
  ];
}

describe('what macros paste in a function', () => {
  it('is moved and referred to where they are used', async () => {
    expect(await pasted('OUT(svm, rax, RAX);\nOUT(svm, rcx, RCX);')).toEqual([
      'arch.regs[VCPU_REGS_RAX] -> save.rax at OUT(svm, rax, RAX)',
      'arch.regs[VCPU_REGS_RCX] -> save.rcx at OUT(svm, rcx, RCX)',
      'read VCPU_REGS_RAX at RAX',
      'read VCPU_REGS_RCX at RCX',
    ]);
    expect(await pasted('ACCESSED(svm, rax);')).toEqual([
      'arch.regs[VCPU_REGS_RAX] -> save.rax at ACCESSED(svm, rax)',
      'read kvm_rax_read at rax',
    ]);
    expect(await pasted('MARK(vcpu, RSP);')).toEqual([
      'mark-available VCPU_REGS_RSP at RSP',
      'available VCPU_REGS_RSP',
    ]);
  });

  it('is so by a macro of macros, which names the register itself', async () => {
    expect(await pasted('OUT_BOTH(svm);')).toEqual([
      'arch.regs[VCPU_REGS_RAX] -> save.rax at OUT_BOTH(svm)',
      'arch.regs[VCPU_REGS_RCX] -> save.rcx at OUT_BOTH(svm)',
      'read VCPU_REGS_RAX at OUT_BOTH',
      'read VCPU_REGS_RCX at OUT_BOTH',
    ]);
  });

  it('is what the last definition before the use in the function says', async () => {
    const body = `
#define REG(reg, REG) svm->vmcb->save.reg = vcpu->arch.regs[VCPU_REGS_ ## REG]
	REG(rax, RAX);
#undef REG
#define REG(reg, REG) vcpu->arch.regs[VCPU_REGS_ ## REG] = svm->vmcb->save.reg
	REG(rcx, RCX);
#undef REG`;
    expect(await pasted(body)).toEqual([
      'arch.regs[VCPU_REGS_RAX] -> save.rax at REG(rax, RAX)',
      'save.rcx -> arch.regs[VCPU_REGS_RCX] at REG(rcx, RCX)',
      'read VCPU_REGS_RAX at RAX',
      'write VCPU_REGS_RCX at RCX',
    ]);
  });

  it('is under the conditions of the use, also behind another use', async () => {
    const body = `
	OUT(svm, rax, RAX);
	if (is_new)
		return;
#ifdef CONFIG_X86_64
	OUT(svm, rcx, RCX);
#else
	OUT(svm, rsp, RSP);
#endif
	vcpu->arch.cr3 = 0;`;
    expect((await pasted(body)).slice(0, 4)).toEqual([
      '- -> arch.cr3 at vcpu->arch.cr3 = 0 if !(is_new)',
      'arch.regs[VCPU_REGS_RAX] -> save.rax at OUT(svm, rax, RAX)',
      'arch.regs[VCPU_REGS_RCX] -> save.rcx at OUT(svm, rcx, RCX) if !(is_new) if CONFIG_X86_64',
      'arch.regs[VCPU_REGS_RSP] -> save.rsp at OUT(svm, rsp, RSP) if !(is_new) if !CONFIG_X86_64',
    ]);
  });

  it('is nothing where it is no register, or the use is not closed', async () => {
    expect(await pasted('NO_REGISTER(f, oo);')).toEqual([]);
    expect(await pasted('OUT(svm, rax, NONE);')).toEqual([]);
    expect(await pasted('OUT(svm, rax')).toEqual([]);
  });
});
