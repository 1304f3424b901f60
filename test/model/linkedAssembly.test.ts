import { describe, expect, it } from 'vitest';
import { checkTree } from '../../server/src/check/checkTree.js';
import { TRACKING_RULES } from '../../server/src/check/tracking/trackingRules.js';
import { movesInMap } from '../emulator/moves.js';
import { assembly, MOVED, R12, RCX } from '../emulator/fixture.js';
import { modelOf } from '../engine.js';
import type { Texts } from '../slotAnswers.js';

const SWITCH = 'arch/x86/kvm/svm/vmenter.S';
const OTHER = 'arch/x86/kvm/svm/regs_asm.S';
const GETS = `	mov ${RCX}(%rdi), %rcx
	mov ${R12}(%rdi), %r12
	vmrun %rax
	mov (%rsp), %rdi
	call put_registers
	pop %rdi`;
const PUTS = `SYM_FUNC_START(put_registers)
	mov %rcx, ${RCX}(%rdi)
	UNKNOWN_PUT
	mov %r12, ${R12}(%rdi)
	RET
SYM_FUNC_END(put_registers)
`;
const { files } = assembly('', MOVED, `	push %rdi\n	mov SVM_vmcb_pa(%rdi), %rax\n${GETS}`);

async function answers(more: Texts) {
  const model = await modelOf({ ...files, ...more });
  const svm = (name: string) =>
    model.registers.find(({ register }) => register === name)?.owners.find(({ backend }) => backend === 'svm');
  const { store } = movesInMap(model, SWITCH, 'run_guest');
  const [reason] = svm('R9')?.unknown.load ?? [];
  const findings = checkTree(model, TRACKING_RULES).map(({ message }) => message);
  return { stored: store, reason: reason && `${reason.file} ${reason.what} ${reason.why}`, findings };
}

describe('a function that a world switch calls', () => {
  it('is gone through in the file that it is in, where its doubts are', async () => {
    expect(await answers({ [OTHER]: PUTS })).toEqual({
      stored: ['RCX', 'R12'],
      reason: `${OTHER} UNKNOWN_PUT is not understood`,
      findings: [],
    });
  });

  it('may do anything where two files define it', async () => {
    expect(await answers({ [OTHER]: PUTS, 'arch/x86/kvm/svm/more.S': PUTS })).toEqual({
      stored: [],
      reason: `${SWITCH} put_registers is not in the code that was read`,
      findings: [],
    });
  });

  it('may do anything where no file does', async () => {
    expect((await answers({})).reason).toBe(`${SWITCH} put_registers is not in the code that was read`);
  });

  it('moves no guest’s register where it is C', async () => {
    const defined = await answers({ 'arch/x86/kvm/svm/regs.c': 'void put_registers(void)\n{\n}\n' });
    const declared = await answers({ 'arch/x86/kvm/svm/svm.h': 'void put_registers(void);\n' });
    expect([defined.reason, declared.reason].filter((reason) => reason?.includes('put_registers'))).toEqual([]);
  });
});
