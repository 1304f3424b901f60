import { expect, it } from 'vitest';
import { memberUsePhrases } from '../../server/src/explain/memberUse.js';

/** What is said of the member `cr2` in a text, as plain words. */
function saidOf(text: string): string {
  const start = text.indexOf('cr2');
  return memberUsePhrases(text, { start, end: start + 'cr2'.length })
    .map((phrase) => (typeof phrase === 'string' ? phrase : 'code' in phrase ? phrase.code : phrase.strong))
    .join('');
}

it.each([
  ['vcpu->arch.cr2 = 0;', '; written here with 0'],
  ['vcpu->arch.cr2 = max(a, b);', '; written here with max(a, b)'],
  ['vcpu->arch.cr2 &= ~mask;', '; changed here with &= ~mask'],
  ['vcpu->arch.cr2[0] |= mask;', '; changed here with |= mask'],
  ['vcpu->arch.cr2 = ~(first |\n\tsecond);', '; written here'],
  ['if (x(vcpu->arch.cr2 = f(y)))\n\treturn;', '; written here'],
  ['val = vcpu->arch.cr2;', '; read here to val'],
  ['*slot(ctxt, 1) = vcpu->arch.cr2;', '; read here'],
  ['\tset_bit(nr, (unsigned long *)&vcpu->arch.cr2);', '; handed here to set_bit'],
  ['if (vcpu->arch.cr2)\n\treturn;', '; tested here'],
  ['(vcpu->arch.cr2 & MASK) ||', '; tested here'],
  ['x = a != vcpu->arch.cr2 ? 1 : 2;', '; tested here'],
  ['return &vcpu->arch.cr2;', '; its address is returned here'],
  ['OFFSET(ARCH_CR2, kvm_vcpu, vcpu.arch.cr2);', ''],
  ['x = offsetof(struct vcpu_svm, vcpu.arch.cr2);', ''],
  ['\tunsigned long cr2;', ''],
])('%s', (text, said) => {
  expect(saidOf(text)).toBe(said);
});
