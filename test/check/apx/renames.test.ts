import { expect, it } from 'vitest';
import { readTree } from '../../../server/src/model/readTree.js';
import { modelOfTree, parser, treeAt } from '../../engine.js';
import { describeKernels } from '../../kernels.js';
import { inOldNames, meaningless, meaninglessPaths, withNames, withPaths, type Names } from '../../kernels/renaming.js';
import { apxFindings } from './findings.js';

/** What the kernels call what holds registers and their numbers. */
const NAMES = [
  ...['vmx_get_instr_info_reg', 'vmx_get_instr_info_reg2', 'vmx_get_msr_imm_reg', 'get_vmx_mem_address'],
  ...['DEBUG_REG_ACCESS_REG', 'SVM_EXITINFO_REG_MASK', 'vmx_instruction_info', 'instr_info', 'exit_qualification'],
  ...['kvm_emulate_rdmsr_imm', 'kvm_emulate_wrmsr_imm', 'cui_rdmsr_imm_reg', 'gpr_index', 'index_reg', 'base_reg'],
  ...['decode_register', '__decode_register_operand', 'decode_register_operand', 'decode_modrm', 'x86_decode_insn'],
  ...['modrm_reg', 'modrm_rm', 'rex_bits', 'rex_prefix', 'regs_valid', 'NR_EMULATOR_GPRS', 'x86_emulate_ctxt'],
  ...['kvm_register_read', 'kvm_register_write', 'kvm_register_read_raw', 'kvm_register_write_raw'],
  ...['kvm_register_readl', 'kvm_register_writel', 'reg_read', 'reg_write', 'reg_rmw', 'gprs'],
  ...['R64_NUM', 'REG_NUM', 'LOAD_REGS', 'STORE_REGS', 'TDX_REGS_AVAIL_SET', 'VMX_REGS_LAZY_LOAD_SET'],
];

describeKernels('what holds fewer than 32 GPRs', (kernel) => {
  it('is found by what the code does, whatever its names', async () => {
    const c = await parser();
    const tree = treeAt(kernel.root);
    const names: Names = new Map(NAMES.map((name) => [name, meaningless(name)]));
    const paths = meaninglessPaths(tree);
    const renamed = apxFindings(readTree(c, withPaths(withNames(tree, names), paths)));
    const found = apxFindings(await modelOfTree(kernel.root));
    expect(inOldNames(renamed, names, paths)).toEqual(found.toSorted());
  });
});
