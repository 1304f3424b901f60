import { both, MISSING, PROTECTED, testDesign } from './design.js';
import { BESIDE_XFEATURES, BESIDE_XSAVE_STATE, BESIDE_XSAVE_STATE_OF_REGS } from './series.js';

const ifPossible = ' if static_cpu_has(X86_FEATURE_APX) if CONFIG_KVM_APX';
const helperLoad = `load kvm_apx_restore vm-exit in vcpu_enter_guest${ifPossible}`;
const helperStore = `store kvm_apx_save vm-entry in vcpu_enter_guest${ifPossible}`;
const helpers = ['eager hardware', helperLoad, helperStore];
const vendorHelpers = (run: string) => [
  'eager hardware',
  `load kvm_apx_restore vm-exit in ${run}${ifPossible}`,
  `store kvm_apx_save vm-entry in ${run}${ifPossible}`,
];

testDesign('R16-R31 beside the XCR0 that common code loads', {
  series: BESIDE_XFEATURES,
  needs: ['kvm_load_xfeatures'],
  answers: { ...PROTECTED, ...both(...helpers) },
  without: {
    'call before': both('eager hardware', helperLoad, 'missing: stored but never loaded'),
    'call behind': both('eager hardware', helperStore, 'missing: loaded but never stored'),
    'call before, call behind': both(
      'none cache',
      'missing: nothing calls kvm_apx_save and kvm_apx_restore on the way to VM-entry',
    ),
    out: both(...helpers, MISSING.out),
    leave: both(...helpers, MISSING.enabling),
  },
});

/** What both say. `uncalled`: what they say where nothing calls the helpers. */
const besideXsaveState = (uncalled: string) => ({
  answers: {
    'sev-es': ['protected vmsa'],
    vmx: [...vendorHelpers('vmx_vcpu_run'), MISSING.component],
    svm: [...vendorHelpers('svm_vcpu_run'), MISSING.component],
  },
  without: {
    svm: { svm: ['none cache', MISSING.svm, MISSING.component] },
    'svm, vmx': both('none cache', uncalled, MISSING.component),
  },
});

testDesign('R16-R31 beside the XCR0 that each backend loads', {
  series: BESIDE_XSAVE_STATE,
  needs: ['kvm_load_guest_xsave_state', 'VMX_spec_ctrl'],
  ...besideXsaveState('missing: nothing calls kvm_apx_save and kvm_apx_restore on the way to VM-entry'),
});

testDesign('R16-R31 beside the XCR0 that each backend loads, by helpers that are given the array', {
  series: BESIDE_XSAVE_STATE_OF_REGS,
  needs: ['kvm_load_guest_xsave_state'],
  // Only a call says that what they are given is the array.
  ...besideXsaveState('missing: declared but never loaded or stored'),
});
