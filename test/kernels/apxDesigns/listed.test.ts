import { MISSING, PROTECTED, testDesign } from './design.js';
import { LISTED } from './listedSeries.js';

const flagged = ' if CONFIG_KVM_APX if X86_FEATURE_APX if KVM_ENTER_EGPR_SWITCH';
const ifApx = ' if vmx->vcpu.arch.xcr0 & XFEATURE_MASK_APX';
const load = `load __vmx_vcpu_run vm-exit${flagged}${ifApx}`;
const store = `store __vmx_vcpu_run vm-entry${flagged}${ifApx}`;
const switched = ['switched hardware', load, store];

testDesign('R16-R31 as the series on the list has them', {
  series: LISTED,
  needs: ['NR_VCPU_GENERAL_PURPOSE_REGS', 'LOAD_REGS'],
  answers: { ...PROTECTED, vmx: switched, svm: ['none cache'] },
  without: {
    load: { vmx: ['switched hardware', load, 'missing: stored but never loaded'] },
    store: { vmx: ['switched hardware', store, 'missing: loaded but never stored'] },
    out: { vmx: [...switched, MISSING.out] },
    in: { vmx: [...switched, MISSING.in] },
    'leave out on SVM': { svm: ['none cache', MISSING.svm] },
    'set flag': {
      vmx: [
        ...switched.map((line) => line.replace(ifApx, '')),
        'missing: KVM_ENTER_EGPR_SWITCH is tested but never set',
      ],
    },
  },
});
