import { beforeAll, expect, it } from 'vitest';
import type { RegisterModel } from '../../server/src/model/registerModel.js';
import { treeReading, type TreeReading } from '../../server/src/model/readTree.js';
import { parser, treeAt } from '../engine.js';
import { describeKernels } from '../kernels.js';
import { difference, modelLines } from './mapLines.js';
import {
  identifiersOf,
  inOldNames,
  meaningless,
  meaninglessPaths,
  withNames,
  withPaths,
  type Names,
} from './renaming.js';

const GPRS = [
  'RAX',
  'RCX',
  'RDX',
  'RBX',
  'RBP',
  'RSI',
  'RDI',
  ...Array.from({ length: 8 }, (_, i) => `R${String(i + 8)}`),
];

/** Names by what they are for. A tree has only some of them. */
const GROUPS = {
  "the assembly's macros, their parameters and symbols": [
    ...[
      'LOAD_REGS',
      'STORE_REGS',
      'POP_REGS',
      'CLEAR_REGS',
      'REG_NUM',
      'R32_NUM',
      'R64_NUM',
      'REG_NUM_INVALID',
      'WORD_SIZE',
    ],
    ...['src', 'dst', 'reg', 'regs_ofs', 'reg_num', 'opd', 'r32', 'r64'],
    ...GPRS.map((name) => `VCPU_${name}`),
    ...[
      'SVM_vcpu_arch_regs',
      'VMX_vcpu_arch_regs',
      'SVM_current_vmcb',
      'SVM_spec_ctrl',
      'VMX_spec_ctrl',
      'KVM_VMCB_pa',
    ],
    ...[
      'RESTORE_GUEST_SPEC_CTRL',
      'RESTORE_HOST_SPEC_CTRL',
      'RESTORE_GUEST_SPEC_CTRL_BODY',
      'RESTORE_HOST_SPEC_CTRL_BODY',
    ],
  ],
  'what enters a guest or fetches a register: functions, tables, macros that call them': [
    ...['svm_vcpu_run', '__svm_vcpu_run', '__svm_sev_es_vcpu_run', 'svm_vcpu_enter_exit', 'vcpu_enter_guest'],
    ...['vmx_vcpu_run', '__vmx_vcpu_run', 'vmx_vcpu_enter_exit', 'tdx_vcpu_run', 'tdx_vcpu_enter_exit'],
    ...['vmx_cache_reg', 'svm_cache_reg', 'svm_x86_ops', 'vmx_x86_ops', 'vt_x86_ops'],
    ...['kvm_x86_call', 'vt_op', 'vt_op_tdx_only', 'KVM_X86_OP', 'KVM_X86_OP_OPTIONAL'],
  ],
  "the cache's sets, accessor macros and helpers": [
    ...['VMX_REGS_LAZY_LOAD_SET', 'SVM_REGS_LAZY_LOAD_SET', 'TDX_REGS_AVAIL_SET'],
    ...['BUILD_KVM_GPR_ACCESSORS', '__BUILD_KVM_GPR_ACCESSORS', 'lname', 'uname'],
    ...['kvm_register_is_available', 'kvm_register_is_dirty', 'kvm_register_test_and_mark_available'],
    ...['kvm_register_mark_available', 'kvm_register_mark_dirty', 'kvm_register_mark_for_reload'],
    ...['kvm_register_read', 'kvm_register_write', 'kvm_register_read_raw', 'kvm_register_write_raw'],
    ...['kvm_clear_available_registers', 'kvm_reset_dirty_registers', 'kvm_assert_register_caching_allowed'],
    ...[
      'reg_read',
      'reg_write',
      'reg_rmw',
      'decode_register',
      'emulator_read_gpr',
      'emulator_write_gpr',
      'read_gpr',
      'write_gpr',
    ],
  ],
  "the vendors' types and variables": [
    ...['vcpu_svm', 'vcpu_vmx', 'vcpu_tdx', 'vcpu_vt', 'svm', 'vmx', 'tdx', 'to_svm', 'to_vmx', 'to_tdx', 'to_vt'],
  ],
} as const;

/** Operations of KVM's vendors: macros make longer names of theirs. */
const OPERATIONS = ['cache_reg', 'vcpu_run'];
const OPERATION_PREFIXES = ['', 'kvm_x86_', 'vt_'];

/**
 * What names a place: VMCS and GHCB accessors, reads of guest memory (virt/kvm), the build's OFFSET() and the TDX module's
 * entry. They are an interface; no tree says what they mean.
 */
const INTERFACE =
  /^(?:(?:__)?e?vmcs_(?:check)?(?:read|write)|(?:kvm_)?ghcb_[gs]et_|kvm_(?:vcpu_)?read_(?:nested_)?guest|tdh_vp_enter$|OFFSET$)/;

const NONE: Names = new Map();

describeKernels('the map does not hang on names', (kernel) => {
  const tree = treeAt(kernel.root);
  const words = identifiersOf(tree);
  let read: TreeReading;
  let model: RegisterModel;
  let before: string[];

  beforeAll(async () => {
    read = treeReading(await parser());
    model = read(tree);
    before = modelLines(model);
  }, 30_000);

  /** What a reading of the renamed tree, told in the old names, says otherwise. */
  function changed(names: Names, paths: Names = NONE) {
    expect([...names.values()].filter((name) => words.has(name))).toEqual([]);
    const renamed = withPaths(withNames(tree, names), paths);
    return difference(before, inOldNames(modelLines(read(renamed)), names, paths));
  }

  const present = (names: readonly string[]) => names.filter((name) => words.has(name));
  const renamed = (names: readonly string[]): Names => new Map(present(names).map((name) => [name, meaningless(name)]));

  /** The operations with every name that a macro makes of them. */
  function operations(): Names {
    const pairs = OPERATIONS.flatMap((name) =>
      OPERATION_PREFIXES.map((prefix) => [prefix + name, prefix + meaningless(name)] as const),
    );
    return new Map(pairs.filter(([name]) => words.has(name)));
  }

  /** Accessors that macros make, by what the macros put behind the register's name. */
  function generatedAccessors(): Names {
    const made = [...model.symbols.accessors.values()].filter((accessor) => accessor.instantiation !== null);
    const names = new Map<string, string>();
    for (const { name } of made) {
      const [, stem = '', ending = ''] = /^([a-z]+_[a-z0-9]+)(_\w+)$/.exec(name) ?? [];
      names.set(ending, meaningless(ending)).set(name, stem + meaningless(ending));
    }
    return names;
  }

  /** Every function and macro with parameters of KVM that no macro makes a name of. */
  function functions(): Names {
    const own = (file: string) => file.startsWith('arch/x86/kvm/');
    const macros = [...model.symbols.macros.values()].filter(
      ({ file, definition }) => own(file) && definition.parameters !== null,
    );
    const names = [
      ...model.graph.nodes.filter(({ file }) => own(file)).map(({ name }) => name),
      ...macros.map(({ definition }) => definition.name),
    ];
    const isMade = (name: string) =>
      /^(?:vt|kvm_x86)_/.test(name) || words.has(`vt_${name}`) || words.has(`kvm_x86_${name}`);
    return renamed(names.filter((name) => name.length > 4 && !isMade(name) && !INTERFACE.test(name)));
  }

  for (const [title, names] of Object.entries(GROUPS)) {
    it(`of ${title}`, () => {
      expect(present(names)).not.toEqual([]);
      expect(changed(renamed(names))).toEqual({ lost: [], gained: [] });
    });
  }

  it('of operations, and of accessors that macros make', () => {
    expect(operations().size).toBeGreaterThan(OPERATIONS.length);
    expect(generatedAccessors().size).toBeGreaterThan(GPRS.length);
    expect(changed(new Map([...operations(), ...generatedAccessors()]))).toEqual({ lost: [], gained: [] });
  });

  it('of files and directories', () => {
    expect(changed(NONE, meaninglessPaths(tree))).toEqual({ lost: [], gained: [] });
  });

  it('of all these, and of every function and macro of KVM', () => {
    const names = new Map([
      ...functions(),
      ...renamed(Object.values(GROUPS).flat()),
      ...generatedAccessors(),
      ...operations(),
    ]);
    expect(names.size).toBeGreaterThan(3000);
    expect(changed(names, meaninglessPaths(tree))).toEqual({ lost: [], gained: [] });
  });
});
