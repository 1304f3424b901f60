import { it } from 'vitest';
import { emulator } from './emulator.js';
import { expectMarks, registers } from './fixture.js';

const base = { ...registers(), ...emulator('u32', '32') };

it('finds bit 3 of a number without bit 4, in each way that kernels have written it', () =>
  expectMarks(
    `
static int decode(struct x86_emulate_ctxt *ctxt, u8 sib)
{
	int index, base, opcode;

	ctxt->modrm_reg = (ctxt->rex_bits << 1) & 8; /* apx/decoder: (ctxt->rex_bits << 1) & 8 */
	ctxt->modrm_reg |= (ctxt->modrm & 0x38) >> 3;
	ctxt->modrm_rm = ctxt->modrm & 7;
	ctxt->modrm_rm |= (ctxt->rex_bits & 1) << 3; /* apx/decoder: (ctxt->rex_bits & 1) << 3 */
	index = ctxt->rex_bits & REX_X ? 8 : 0; /* apx/decoder: ctxt->rex_bits & REX_X ? 8 : 0 */
	index |= (sib >> 3) & 7;
	base = (sib & 7) | ((ctxt->rex_bits << 3) & 8); /* apx/decoder: (ctxt->rex_bits << 3) & 8 */
	opcode = ctxt->b & 7;
	return reg_read(ctxt, index) + reg_read(ctxt, base) + reg_read(ctxt, opcode);
}
static int operand(struct x86_emulate_ctxt *ctxt)
{
	return reg_read(ctxt, ctxt->modrm_reg) + reg_read(ctxt, ctxt->modrm_rm);
}
`,
    base,
  ));

it('finds a prefix that has one bit for a register and not two', () =>
  expectMarks(
    `
static int operand(struct x86_emulate_ctxt *ctxt)
{
	return reg_read(ctxt, (ctxt->b & 7) | (ctxt->rex_bits & 1 ? 8 : 0)); /* apx/decoder: ctxt->rex_bits & 1 ? 8 : 0 */
}
static int prefixes(struct x86_emulate_ctxt *ctxt)
{
	switch (ctxt->b) {
	case 0x26:
		ctxt->modrm = 0;
		break;
	case 0x40 ... 0x4f:
		ctxt->rex_bits = ctxt->b & 0xf; /* apx/decoder: rex_bits */
		break;
	default:
		ctxt->rex_bits = 0;
	}
	return 0;
}
`,
    base,
  ));

it('leaves a decoder alone that knows REX2', () =>
  expectMarks(
    `
static int operand(struct x86_emulate_ctxt *ctxt)
{
	int reg = (ctxt->b & 7) | (ctxt->rex_bits & 1 ? 8 : 0);

	if (ctxt->rex_bits & 16)
		reg |= 16;
	return reg_read(ctxt, reg) + reg_read(ctxt, (ctxt->b & 7) | (ctxt->rex_bits & 1 ? 8 : 0) | (ctxt->rex_bits & 16));
}
static int prefixes(struct x86_emulate_ctxt *ctxt)
{
	switch (ctxt->b) {
	case 0x40 ... 0x4f:
		ctxt->rex_bits = ctxt->b & 0xf;
		break;
	case 0xd5:
		ctxt->rex_bits = fetch(ctxt);
	}
	return 0;
}
`,
    base,
  ));

it('leaves alone what only looks like it', () =>
  expectMarks(
    `
static int decode(struct x86_emulate_ctxt *ctxt, u8 vex)
{
	int xmm = (ctxt->modrm & 7) | (ctxt->rex_bits & 1 ? 8 : 0);
	int v = (vex >> 3) & 0xf;
	int high = ctxt->modrm & 3;

	read_sse_reg(xmm);
	return reg_read(ctxt, high) + v;
}
`,
    base,
  ));
