/** Registers whose names others are made of. */
export const GPRS = [
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
export const GROUPS = {
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
