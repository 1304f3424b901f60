import { beforeAll, describe, expect, it } from 'vitest';
import { explainAt } from '../../server/src/explain/explainAt.js';
import { explanationText } from '../../server/src/explain/explanationText.js';
import { treeReading } from '../../server/src/model/readTree.js';
import type { RegisterModel } from '../../server/src/model/registerModel.js';
import { parser, treeAt } from '../engine.js';
import { samplePath } from '../samples.js';

const VMENTER = 'arch/x86/kvm/vmx/vmenter.S';
const X86 = 'arch/x86/kvm/x86.c';

let series: RegisterModel;

beforeAll(async () => {
  series = treeReading(await parser())(treeAt(samplePath('apx-series')));
});

/** The hover on the first word of a piece of a file's text. */
function hoverOn(path: string, piece: string, model = series): string {
  const start = model.files.get(path)?.source.text.indexOf(piece) ?? -1;
  expect(start, `${piece} in ${path}`).toBeGreaterThanOrEqual(0);
  const found = explainAt(model, path, start);
  return found ? explanationText(found.explanation).replace(/\s+/g, ' ') : '';
}

describe('the conditions of R16-R31 stand with what is done to them', () => {
  it('where assembly clears them, as where it stores them', () => {
    const condition =
      'if CONFIG_KVM_APX && X86_FEATURE_APX && KVM_ENTER_EGPR_SWITCH && vmx->vcpu.arch.xcr0 & XFEATURE_MASK_APX [';
    expect(hoverOn(VMENTER, 'CLEAR_EGPRS')).toContain(
      `Clears R16-R31, which had the guest's value, after VM-exit, ${condition}`,
    );
    expect(hoverOn(VMENTER, 'VMX_STORE_EGPRS')).toContain(condition);
    expect(hoverOn(VMENTER, 'CLEAR_REGS 8d')).toMatch(/^Clears R8-R15, which had the guest's value, after VM-exit \[/);
  });

  it('where a copy to userspace begins with a return for guests without APX', () => {
    expect(hoverOn(X86, 'kvm_copy_vcpu_regs_to_uabi')).toContain(
      'R16-R31: register cache -> userspace (ioctl), if egprs && vcpu->arch.guest_supported_xcr0 & XFEATURE_MASK_APX [',
    );
  });
});

it('sixteen registers in a row are a range, in a title as in a note', () => {
  expect(hoverOn(X86, 'kvm_copy_uabi_to_vcpu_regs')).toMatch(
    /^kvm_copy_uabi_to_vcpu_regs: R16-R31 <- userspace \(ioctl\), .*\] R16-R31: register cache <- userspace/,
  );
});

it('a loop whose numbers are counted from R16 is one over these', async () => {
  const tree = treeAt(samplePath('apx-series'));
  const loop =
    'for (int i = 0; i < 16; i++)\n\t\t((u64 *)(state + xstate_offset(XFEATURE_APX)))[i] = vcpu->arch.regs[VCPU_REGS_R16 + i];';
  const files = tree.files.map(({ path, text }) => ({
    path,
    text: path === X86 ? text.replace(/memcpy\(state \+ .*;/, loop) : text,
  }));
  const looping = treeReading(await parser())({ ...tree, files });
  expect(hoverOn(X86, '+ i]', looping)).toMatch(/^GPRs in turn, R16-R31: read, number counted by VCPU_REGS_R16 \+ i/);
});
