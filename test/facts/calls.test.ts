import { guardText } from '../../server/src/syntax/conditions/guard.js';
import { describe, expect, it } from 'vitest';
import { factsOf } from './fixture.js';

/** The calls of a function around `body` that names a register too, and so is parsed. */
async function calls(body: string): Promise<string[]> {
  const text = `static void code(struct kvm_vcpu *vcpu, int reg)\n{\n\tBIT(VCPU_REGS_RAX);\n${body}\n}\n`;
  const [fn] = (await factsOf(text)).functions;
  return (fn?.facts.callFacts ?? [])
    .filter((call) => call.callee !== 'BIT')
    .map((call) =>
      [
        `${call.isOperation ? 'operation ' : ''}${call.callee}(${call.arguments.join('; ')})`,
        ...call.guards.map(guardText),
      ].join(' if '),
    );
}

describe('calls', () => {
  it.each([
    ['by name', 'f(vcpu, a + b);', ['f(vcpu; a + b)']],
    ['through a pointer to the operations', 'kvm_x86_ops->cache_reg(vcpu, reg);', ['operation cache_reg(vcpu; reg)']],
    ['through the operations', 'kvm_x86_ops.cache_reg(vcpu, reg);', ['operation cache_reg(vcpu; reg)']],
    ['through a static call', 'static_call(kvm_x86_cache_reg)(vcpu, reg);', ['operation kvm_x86_cache_reg(vcpu; reg)']],
    ['through a macro around one', 'kvm_x86_call(cache_reg)(vcpu, reg);', ['operation cache_reg(vcpu; reg)']],
    ['under guards', 'if (a) f();', ['f() if a']],
    ['without comments, white space collapsed', 'f(a /* b */,\n\t\tc   + d);', ['f(a; c + d)']],
  ])('%s', async (_what, body, expected) => {
    expect((await calls(body)).filter((call) => !/^(static_call|kvm_x86_call)\(/.test(call))).toEqual(expected);
  });
});
