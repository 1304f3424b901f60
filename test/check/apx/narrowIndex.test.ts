import { expect, it } from 'vitest';
import { APX_RULES } from '../../../server/src/check/apx/apxRules.js';
import { checkTree } from '../../../server/src/check/checkTree.js';
import { lineAt } from '../../../server/src/syntax/text/sourceText.js';
import { modelOf } from '../../engine.js';
import { CODE } from '../../facts/fixture.js';
import { expectMarks, registers } from './fixture.js';

it('finds a four-bit number by which a register is read or written, at once or through a variable', () =>
  expectMarks(`
static int code(struct kvm_vcpu *vcpu, u32 info)
{
	int reg = (info >> 18) & 0xf; /* apx/narrow-index: (info >> 18) & 0xf */
	int other;

	other = (u8)(0xf & info); /* apx/narrow-index: 0xf & info */
	kvm_register_write(vcpu, reg, kvm_register_read(vcpu, ((info >> 28) & 15))); /* apx/narrow-index: (info >> 28) & 15 */
	return vcpu->arch.regs[other];
}
`));

it('leaves alone a four-bit number that no register is read or written by', () =>
  expectMarks(`
static int code(struct kvm_vcpu *vcpu, unsigned long qualification, u32 info)
{
	int cr = qualification & 15;
	int segment = (info >> 15) & 7;
	int type = info & 0xf;
	int reg = (qualification >> 8) & 31;

	if (type & 15 || offset & 0xf)
		return kvm_set_cr(vcpu, cr, segment);
	vcpu->arch.db[cr & 15] = 0;
	kvm_register_write(vcpu, VCPU_REGS_RAX, qualification & 15);
	return kvm_register_read(vcpu, reg);
}
`));

it('follows a number through functions and members', () =>
  expectMarks(`
static inline int instr_info_reg(u32 info)
{
	return (info >> 3) & 0xf; /* apx/narrow-index: (info >> 3) & 0xf */
}
static inline int instr_info_segment(u32 info)
{
	return (info >> 15) & 0xf;
}
static int msr_imm_reg(struct kvm_vcpu *vcpu)
{
	return instr_info_reg(vmcs_read32(VMX_INSTRUCTION_INFO));
}
static int complete_rdmsr(struct kvm_vcpu *vcpu)
{
	kvm_register_write(vcpu, vcpu->arch.msr_reg, vcpu->run->msr.data);
	return 1;
}
static int emulate_rdmsr(struct kvm_vcpu *vcpu, u32 msr, int reg)
{
	vcpu->arch.msr_reg = reg;
	return request_msr(vcpu, msr, complete_rdmsr);
}
static int handle_rdmsr(struct kvm_vcpu *vcpu)
{
	return emulate_rdmsr(vcpu, qualification(vcpu), msr_imm_reg(vcpu));
}
static int handle_other(struct kvm_vcpu *vcpu, u32 info)
{
	vcpu->arch.msr_reg = info >> 28 & 0xf; /* apx/narrow-index: info >> 28 & 0xf */
	return instr_info_segment(info);
}
`));

it('finds a macro where that says how wide the number is', () =>
  expectMarks(`
#define ACCESS_REG(q) (((q) >> 8) & 0xf) /* apx/narrow-index: ACCESS_REG */
#define REG_MASK 0x0F /* apx/narrow-index: REG_MASK */
#define TYPE_MASK 0x0F
#define WIDE_MASK 0x1F

static int code(struct kvm_vcpu *vcpu, unsigned long q)
{
	int type = q & TYPE_MASK, wide = q & WIDE_MASK;

	kvm_register_write(vcpu, ACCESS_REG(q), kvm_register_read(vcpu, q & REG_MASK));
	return type + kvm_register_read(vcpu, wide);
}
`));

it('leaves four bits alone that stand in for five', () =>
  expectMarks(`
static inline int instr_info_reg(u64 info)
{
	if (has_extended_info())
		return (info >> 24) & 0x1f;
	return (info >> 3) & 0xf;
}
static int code(struct kvm_vcpu *vcpu, u64 info)
{
	int reg = (info >> 28) & 0xf;

	if (has_extended_info())
		reg = (info >> 40) & 0x1f;
	kvm_register_write(vcpu, reg, 0);
	kvm_register_write(vcpu, has_extended_info() ? (info >> 8) & 31 : (info >> 8) & 15, 0);
	return kvm_register_read(vcpu, instr_info_reg(info));
}
`));

it('takes a constant beside four bits for no wider way', () =>
  expectMarks(`
static int code(struct kvm_vcpu *vcpu, u64 info)
{
	int reg = 100;

	if (info)
		reg = (info >> 28) & 0xf; /* apx/narrow-index: (info >> 28) & 0xf */
	return kvm_register_read(vcpu, reg);
}
`));

it('finds a field that the kernel’s field macros cut', () =>
  expectMarks(`
#define REG_MASK GENMASK(6, 3) /* apx/narrow-index: REG_MASK */
#define WIDE_MASK GENMASK_ULL(28, 24)
#define OTHER_MASK GENMASK(3, 0)

static int code(struct kvm_vcpu *vcpu, u64 info)
{
	int other = FIELD_GET(OTHER_MASK, info);

	kvm_register_write(vcpu, FIELD_GET(REG_MASK, info), other);
	kvm_register_write(vcpu, FIELD_GET(WIDE_MASK, info), 0);
	kvm_register_write(vcpu, FIELD_GET(GENMASK(12, 8), info), 0);
	return kvm_register_read(vcpu, FIELD_GET(GENMASK(11, 8), info)); /* apx/narrow-index: FIELD_GET(GENMASK(11, 8), info) */
}
`));

it('leaves bit-fields of one name alone of which one is wider', () =>
  expectMarks(`
union layout {
	u64 word;
	struct {
		u64 low : 28;
		u64 reg : 4;
	} narrow;
	struct {
		u64 low : 40;
		u64 reg : 5;
	} wide;
};
static int code(struct kvm_vcpu *vcpu, union layout info)
{
	return kvm_register_read(vcpu, is_wide() ? info.wide.reg : info.narrow.reg);
}
`));

it('finds a bit-field of four bits', () =>
  expectMarks(`
struct instr_info {
	u32 scale : 2;
	u32 segment : 4;
	u32 reg : 4; /* apx/narrow-index: reg */
	u32 wide : 5;
	union {
		struct {
			u32 base : 4; /* apx/narrow-index: base */
			u32 index : 4;
		} address;
	};
};
static int code(struct kvm_vcpu *vcpu, struct instr_info *info)
{
	vcpu->arch.others[info->address.index] = kvm_register_read(vcpu, info->address.base);
	return kvm_register_read(vcpu, info->reg) + kvm_register_read(vcpu, info->wide) + info->segment;
}
`));

it('shows where the register is read or written', async () => {
  const text = `
#define REG(q) (((q) >> 8) & 0xf)
static int read(struct kvm_vcpu *vcpu, int reg)
{
	return kvm_register_read(vcpu, reg);
}
static int code(struct kvm_vcpu *vcpu, u64 q)
{
	int reg = REG(q);

	kvm_register_write(vcpu, reg, 0);
	return read(vcpu, reg);
}
`;
  const model = await modelOf({ ...registers(), [CODE]: text });
  const [finding] = checkTree(model, APX_RULES).filter(({ rule }) => rule === 'apx/narrow-index');
  const source = model.files.get(CODE)?.source;
  expect(finding?.message).toBe('4-bit GPR number (bits 11:8 of q): RAX-R15 only; R16-R31 need a fifth bit');
  expect(finding?.related.map(({ span, message }) => [source && lineAt(source, span.start), message])).toEqual([
    [9, 'cut by REG'],
    [11, 'GPR written by it in code'],
    [12, 'GPR read by it in code'],
  ]);
});
