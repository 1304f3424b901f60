import { treeAt } from '../engine.js';
import { samplePath } from '../samples.js';
import type { Call } from './emulator.js';
import type { Texts } from '../slotAnswers.js';

/** A function of assembly that enters a guest, in a tree, and how C code calls it. */
export interface WorldSwitch {
  readonly tree: string;
  readonly path: string;
  readonly function: string;
  /** The arguments of each call to try. */
  readonly arguments: readonly Call['arguments'][];
  /** The label at which VM-exit arrives; null where that is behind VM-entry. */
  readonly exit: string | null;
  /** The number of the argument that is the register array, counted from 1; null without one. */
  readonly arrayArgument: number | null;
}

const SVM_RUN = {
  path: 'arch/x86/kvm/svm/vmenter.S',
  function: '__svm_vcpu_run',
  arguments: [['vcpu']],
  exit: null,
  arrayArgument: null,
} as const;

/** With VMLAUNCH and with VMRESUME. */
const VMX_RUN = {
  path: 'arch/x86/kvm/vmx/vmenter.S',
  function: '__vmx_vcpu_run',
  arguments: [
    ['vcpu', 0],
    ['vcpu', 1],
  ],
  exit: 'vmx_vmexit',
  arrayArgument: null,
} as const;

const SEV_ES_RUN = { ...SVM_RUN, function: '__svm_sev_es_vcpu_run', arguments: [['vcpu', 'vcpu']] } as const;

/** The samples' world switches in assembly files. */
export const SAMPLE_SWITCHES: readonly WorldSwitch[] = [
  ...['load-store-regs', 'apx-half-applied', 'apx-fpstate', 'apx-xfeatures', 'apx-world-switch', 'apx-series'].flatMap(
    (tree) => [
      { ...SVM_RUN, tree },
      { ...VMX_RUN, tree },
    ],
  ),
  { ...SVM_RUN, tree: 'vcpu-offsets' },
  {
    ...VMX_RUN,
    tree: 'vcpu-offsets',
    arguments: [
      ['vcpu', 'regs', 0],
      ['vcpu', 'regs', 1],
    ],
    arrayArgument: 2,
  },
  { ...SEV_ES_RUN, tree: 'load-store-regs' },
  { ...SEV_ES_RUN, tree: 'vcpu-offsets' },
];

/** A sample's files. */
export function sampleTexts(name: string): Texts {
  return Object.fromEntries(treeAt(samplePath(name)).files.map(({ path, text }) => [path, text]));
}

/** The calls to do of a world switch, where nothing is asked of code outside of it. */
export function callsOf({ function: name, arguments: all, exit }: WorldSwitch): Call[] {
  return all.map((given) => ({ function: name, arguments: given, exit, variables: {}, results: {} }));
}
