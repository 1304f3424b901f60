import { both, MISSING, PROTECTED, testDesign } from './design.js';
import { XSAVE } from './series.js';

const reads = 'load _kvm_read_egpr on-demand';
const writes = 'store _kvm_write_egpr on-demand';

testDesign('R16-R31 in the guest fpstate', {
  series: XSAVE,
  needs: ['NR_VCPU_GENERAL_PURPOSE_REGS'],
  answers: { ...PROTECTED, ...both('xsave fpstate', reads, writes) },
  without: {
    'read, lock read': both('xsave fpstate', writes, 'missing: written but never read'),
    'write, lock write': both('xsave fpstate', reads, 'missing: read but never written'),
    'lock write': both(
      'xsave fpstate',
      reads,
      writes,
      'missing: _kvm_write_egpr runs without the FPU registers locked',
    ),
    leave: both('xsave fpstate', reads, writes, MISSING.enabling),
    'read, write, lock read, lock write': {
      ...both('xsave fpstate', 'missing: guests may enable APX, but KVM reads and writes it nowhere'),
      'sev-es': ['xsave fpstate'],
      tdx: ['xsave fpstate'],
    },
  },
});
