import { describe, expect, it } from 'vitest';
import { modelOf } from '../engine.js';
import { CACHE, CODE } from '../facts/fixture.js';
import { saidOf } from './said.js';

const TRACE = 'arch/x86/kvm/trace.h';

const model = modelOf({
  ...CACHE,
  [TRACE]: `
TRACE_EVENT(sample_exit,
	TP_PROTO(struct kvm_vcpu *vcpu, unsigned long guest_rip, u32 isa),
	TP_ARGS(vcpu, guest_rip, isa),
	TP_STRUCT__entry(
		__field(unsigned long, rip)
		__field(unsigned long, stack)
		__field(u32, isa)
	),
	TP_fast_assign(
		__entry->rip = guest_rip;
		__entry->stack = kvm_rsp_read(vcpu);
		__entry->isa = isa;
	)
);
`,
  [CODE]: `
void on_exit(struct kvm_vcpu *vcpu)
{
	trace_sample_exit(vcpu, vcpu->arch.regs[VCPU_REGS_RIP], 1);
}
`,
});

describe('what a tracepoint records of registers', () => {
  it.each([
    [
      'unsigned long, rip',
      'rip: recorded by the tracepoint sample_exit, which moves nothing; given vcpu->arch.regs[VCPU_REGS_RIP] by on_exit',
    ],
    [
      'TP_ARGS(vcpu, guest_rip',
      'guest_rip: a parameter of the tracepoint sample_exit; given vcpu->arch.regs[VCPU_REGS_RIP] by on_exit',
    ],
    [
      '__entry->stack',
      'stack: RSP, recorded by the tracepoint sample_exit, which moves nothing; from kvm_rsp_read(vcpu)',
    ],
    ['__entry->isa', ''],
  ])('%s', async (piece, said) => {
    expect(saidOf(await model, TRACE, piece)).toBe(said);
  });
});
