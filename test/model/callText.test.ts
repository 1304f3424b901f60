import { describe, expect, it } from 'vitest';
import { argumentTexts, parameterNames, resultTarget } from '../../server/src/model/query/callText.js';

/** The offset of a name in a text. */
const at = (text: string, name: string) => text.indexOf(name);

describe('what stands around a call', () => {
  it.each([
    ['f(vcpu, a + (b, c));', 'f', ['vcpu', 'a + (b, c)']],
    ['kvm_x86_call(set_cr0)(vcpu, cr0);', 'set_cr0', ['vcpu', 'cr0']],
    ['f(a; b)', 'f', []],
    ['f = g;', 'f', []],
  ])('has the arguments of %s', (text, name, expected) => {
    expect(argumentTexts(text, at(text, name))).toEqual(expected);
  });

  it.each([
    ['regs->rflags = get(vcpu);', 'get', 'regs->rflags'],
    ['u64 rflags = kvm_x86_call(get)(vcpu);', 'get', 'rflags'],
    ['sregs->cr[0].v = (u32)ops->get(vcpu);', 'get', 'sregs->cr[0].v'],
    ['if (rflags == get(vcpu))', 'get', null],
    ['return get(vcpu);', 'get', null],
  ])('has what the result is assigned to in %s', (text, name, expected) => {
    expect(resultTarget(text, at(text, name))).toBe(expected);
  });

  it('has the names of parameters', () => {
    expect(parameterNames('int f(struct kvm_vcpu *vcpu, unsigned long cr0, u8 sig[4])\n{')).toEqual([
      'vcpu',
      'cr0',
      'sig',
    ]);
  });
});
