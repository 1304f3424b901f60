import { shownGuard } from '../../server/src/syntax/conditions/guard.js';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Owner, RegisterModel, Transfer } from '../../server/src/model/registerModel.js';
import { treeReading, type TreeReading } from '../../server/src/model/readTree.js';
import { parser, treeAt } from '../engine.js';
import { describeKernels } from '../kernels.js';
import {
  BESIDE_XFEATURES,
  BESIDE_XSAVE_STATE,
  WORLD_SWITCH,
  WORLD_SWITCH_BY_MOV,
  withSeries,
  XSAVE,
  type Series,
} from './apxSeries.js';
import { identifiersOf, meaningless, withNames } from './renaming.js';

type Answers = Readonly<Record<string, readonly string[]>>;

/** What a tree says of R20 for each backend: how it is kept, what moves it, what is missing. Of R16-R31 it says the same. */
function answersOf(model: RegisterModel): Answers {
  const briefs = (name: string) =>
    (model.registers.find(({ register }) => register === name)?.owners ?? []).map(
      (owner) => [owner.backend, briefOf(owner).map((line) => line.replaceAll(name, 'R20'))] as const,
    );
  for (let number = 16; number < 32; number++) expect(briefs(`R${String(number)}`)).toEqual(briefs('R20'));
  return Object.fromEntries(briefs('R20'));
}

function briefOf({ sync, place, load, store, missing }: Owner): string[] {
  const step = ({ function: fn, phase, conditions, call }: Transfer) => {
    const shown = conditions.map(shownGuard).filter((condition) => !condition.startsWith('!('));
    return `${fn} ${phase}${call ? ` in ${call.function}` : ''}${shown.map((condition) => ` if ${condition}`).join('')}`;
  };
  return [
    `${sync} ${place.kind}`,
    ...load.map((t) => `load ${step(t)}`),
    ...store.map((t) => `store ${step(t)}`),
    ...missing.map((part) => `missing: ${part}`),
  ];
}

/** A series on the kernels that it is for, what they then say, and what one or several parts less change in that. */
interface Design {
  readonly series: Series;
  /** An identifier of the trees that it is for. */
  readonly needs: string;
  readonly answers: Answers;
  readonly without: Readonly<Record<string, Answers>>;
}

const closed = "missing: guests can't enable APX: not in KVM_SUPPORTED_XCR0";
const noWayOut = 'missing: set by userspace but never given to it';
const noWayIn = 'missing: given to userspace but never set by it';
const noWay = 'missing: no userspace path';
const flagged = ' if CONFIG_KVM_APX if KVM_ENTER_EGPR_SWITCH';
const ifApx = ' if vmx->vcpu.arch.xcr0 & XFEATURE_MASK_APX';
const ifPossible = ' if static_cpu_has(X86_FEATURE_APX) if CONFIG_KVM_APX';
const PROTECTED = { 'sev-es': ['protected vmsa'], tdx: ['protected tdx'] };

const switchLoad = `load __vmx_vcpu_run vm-exit${flagged}${ifApx}`;
const switchStore = `store __vmx_vcpu_run vm-entry${flagged}${ifApx}`;
const noPath = 'missing: no path on SVM';
const switched = ['switched hardware', switchLoad, switchStore];
const svmHas = ['none cache', noPath];

const unknown = 'missing: no APX component in the FPU core';
const movStore = `store __vmx_vcpu_run vm-entry if VMX_RUN_EGPRS_SHIFT${ifApx}`;
const movs = ['switched hardware', `load __vmx_vcpu_run vm-exit if VMX_RUN_EGPRS_SHIFT${ifApx}`, movStore];

const helperLoad = `load kvm_apx_restore vm-exit in vcpu_enter_guest${ifPossible}`;
const helperStore = `store kvm_apx_save vm-entry in vcpu_enter_guest${ifPossible}`;
const helpers = ['eager hardware', helperLoad, helperStore];
const both = (...lines: string[]) => ({ vmx: lines, svm: lines });

const vendorHelpers = (run: string) => [
  'eager hardware',
  `load kvm_apx_restore vm-exit in ${run}${ifPossible}`,
  `store kvm_apx_save vm-entry in ${run}${ifPossible}`,
];

const reads = 'load _kvm_read_egpr on-demand';
const writes = 'store _kvm_write_egpr on-demand';

const DESIGNS: Readonly<Record<string, Design>> = {
  'R16-R31 in the world switch': {
    series: WORLD_SWITCH,
    needs: 'NR_VCPU_GENERAL_PURPOSE_REGS',
    answers: { ...PROTECTED, vmx: switched, svm: svmHas },
    without: {
      load: { vmx: ['switched hardware', switchLoad, 'missing: stored but never loaded'] },
      store: { vmx: ['switched hardware', switchStore, 'missing: loaded but never stored'] },
      'load, store': both('none cache', 'missing: declared but never loaded or stored'),
      out: { vmx: [...switched, noWayOut], svm: [...svmHas, noWayOut] },
      in: { vmx: [...switched, noWayIn], svm: [...svmHas, noWayIn] },
      'out, in': { vmx: [...switched, noWay], svm: [...svmHas, noWay] },
      leave: { vmx: [...switched, closed], svm: [...svmHas, closed] },
      'set flag': {
        vmx: [
          'switched hardware',
          `load __vmx_vcpu_run vm-exit${flagged}`,
          `store __vmx_vcpu_run vm-entry${flagged}`,
          'missing: KVM_ENTER_EGPR_SWITCH is tested but never set',
        ],
      },
      'store, out, in, leave': {
        vmx: ['switched hardware', switchStore, 'missing: loaded but never stored', noWay, closed],
        svm: [...svmHas, noWay, closed],
      },
    },
  },
  'R16-R31 in a world switch of one mov each': {
    series: WORLD_SWITCH_BY_MOV,
    needs: 'VCPU_R15',
    answers: { 'sev-es': ['protected vmsa'], vmx: [...movs, unknown], svm: [...svmHas, unknown] },
    without: {
      store: { vmx: ['switched hardware', movStore, 'missing: loaded but never stored', unknown] },
      'set flag': {
        vmx: [
          ...movs.map((line) => line.replace(ifApx, '')),
          'missing: VMX_RUN_EGPRS_SHIFT is tested but never set',
          unknown,
        ],
      },
    },
  },
  'R16-R31 beside the XCR0 that common code loads': {
    series: BESIDE_XFEATURES,
    needs: 'kvm_load_xfeatures',
    answers: { ...PROTECTED, ...both(...helpers) },
    without: {
      'call before': both('eager hardware', helperLoad, 'missing: stored but never loaded'),
      'call behind': both('eager hardware', helperStore, 'missing: loaded but never stored'),
      'call before, call behind': both(
        'none cache',
        'missing: nothing calls kvm_apx_save and kvm_apx_restore on the way to VM-entry',
      ),
      out: both(...helpers, noWayOut),
      leave: both(...helpers, closed),
    },
  },
  'R16-R31 beside the XCR0 that each backend loads': {
    series: BESIDE_XSAVE_STATE,
    needs: 'kvm_load_guest_xsave_state',
    answers: {
      'sev-es': ['protected vmsa'],
      vmx: [...vendorHelpers('vmx_vcpu_run'), unknown],
      svm: [...vendorHelpers('svm_vcpu_run'), unknown],
    },
    without: {
      svm: { svm: ['none cache', noPath, unknown] },
      'svm, vmx': both(
        'none cache',
        'missing: nothing calls kvm_apx_save and kvm_apx_restore on the way to VM-entry',
        unknown,
      ),
    },
  },
  'R16-R31 in the guest fpstate': {
    series: XSAVE,
    needs: 'NR_VCPU_GENERAL_PURPOSE_REGS',
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
      leave: both('xsave fpstate', reads, writes, closed),
      'read, write, lock read, lock write': {
        ...both('xsave fpstate', 'missing: guests may enable APX, but KVM reads and writes it nowhere'),
        'sev-es': ['xsave fpstate'],
        tdx: ['xsave fpstate'],
      },
    },
  },
};

/** Names in a series that are not its own: registers, XSAVE's components, configuration, the FPU core's; and numbers in bytes. */
const INTERFACE =
  /^(?:__)?VCPU_|^R\d|^r\d|^XFEATURE_|^X86_|^CONFIG_|^cpu_has_|^static_cpu_has|^x[0-9a-f]{2}$|^SYM_|^RET$/;

describeKernels('a series for APX', ({ root }) => {
  const tree = treeAt(root);
  const words = identifiersOf(tree);
  let read: TreeReading;

  beforeAll(async () => {
    read = treeReading(await parser());
  });

  const fitting = Object.entries(DESIGNS).filter(([, { needs }]) => words.has(needs));
  describe.each(fitting)('%s', (_, { series, answers, without }) => {
    const said = (parts: readonly string[]) => answersOf(read(withSeries(tree, series, parts)));

    it('has an answer of its own', () => {
      expect(said([])).toEqual(answers);
    }, 30_000);

    it('and the same one whatever its functions and flags are called', () => {
      const applied = withSeries(tree, series);
      const own = [...identifiersOf(applied)].filter((name) => !words.has(name) && !INTERFACE.test(name));
      const names = new Map(own.map((name) => [name, meaningless(name)]));
      const renamed = answersOf(read(withNames(applied, names)));
      const expected = JSON.stringify(answers).replace(/[A-Za-z_]\w*/g, (name) => names.get(name) ?? name);
      expect(renamed).toEqual(JSON.parse(expected));
    }, 30_000);

    it.each(Object.entries(without))(
      'without: %s',
      (parts, changed) => {
        expect(said(parts.split(', '))).toEqual({ ...answers, ...changed });
      },
      30_000,
    );
  });
});
