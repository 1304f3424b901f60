import { both, MISSING, PROTECTED, testDesign } from './design.js';
import { WORLD_SWITCH, WORLD_SWITCH_BY_MOV } from './series.js';

const flagged = ' if CONFIG_KVM_APX if KVM_ENTER_EGPR_SWITCH';
const ifApx = ' if vmx->vcpu.arch.xcr0 & XFEATURE_MASK_APX';
const switchLoad = `load __vmx_vcpu_run vm-exit${flagged}${ifApx}`;
const switchStore = `store __vmx_vcpu_run vm-entry${flagged}${ifApx}`;
const switched = ['switched hardware', switchLoad, switchStore];
const svmHas = ['none cache', MISSING.svm];
const movStore = `store __vmx_vcpu_run vm-entry if VMX_RUN_EGPRS_SHIFT${ifApx}`;
const movs = ['switched hardware', `load __vmx_vcpu_run vm-exit if VMX_RUN_EGPRS_SHIFT${ifApx}`, movStore];

testDesign('R16-R31 in the world switch', {
  series: WORLD_SWITCH,
  needs: ['NR_VCPU_GENERAL_PURPOSE_REGS'],
  answers: { ...PROTECTED, vmx: switched, svm: svmHas },
  without: {
    load: { vmx: ['switched hardware', switchLoad, 'missing: stored but never loaded'] },
    store: { vmx: ['switched hardware', switchStore, 'missing: loaded but never stored'] },
    'load, store': both('none cache', 'missing: declared but never loaded or stored'),
    out: { vmx: [...switched, MISSING.out], svm: [...svmHas, MISSING.out] },
    in: { vmx: [...switched, MISSING.in], svm: [...svmHas, MISSING.in] },
    'out, in': { vmx: [...switched, MISSING.userspace], svm: [...svmHas, MISSING.userspace] },
    leave: { vmx: [...switched, MISSING.enabling], svm: [...svmHas, MISSING.enabling] },
    'set flag': {
      vmx: [
        'switched hardware',
        `load __vmx_vcpu_run vm-exit${flagged}`,
        `store __vmx_vcpu_run vm-entry${flagged}`,
        'missing: KVM_ENTER_EGPR_SWITCH is tested but never set',
      ],
    },
    'store, out, in, leave': {
      vmx: ['switched hardware', switchStore, 'missing: loaded but never stored', MISSING.userspace, MISSING.enabling],
      svm: [...svmHas, MISSING.userspace, MISSING.enabling],
    },
  },
});

testDesign('R16-R31 in a world switch of one mov each', {
  series: WORLD_SWITCH_BY_MOV,
  needs: ['VCPU_R15'],
  answers: { 'sev-es': ['protected vmsa'], vmx: [...movs, MISSING.component], svm: [...svmHas, MISSING.component] },
  without: {
    store: { vmx: ['switched hardware', movStore, 'missing: loaded but never stored', MISSING.component] },
    'set flag': {
      vmx: [
        ...movs.map((line) => line.replace(ifApx, '')),
        'missing: VMX_RUN_EGPRS_SHIFT is tested but never set',
        MISSING.component,
      ],
    },
  },
});
