import { describe, expect, it } from 'vitest';
import { componentRows } from '../../server/src/explain/xsave/componentRows.js';
import { readTree } from '../../server/src/model/readTree.js';
import type { XsaveModel } from '../../server/src/model/xsave/xsaveModel.js';
import { parser, treeAt } from '../engine.js';
import { samplePath } from '../samples.js';

/** XSAVE state of the sample of the series, with other text in some places. */
async function xsaveWith(edits: readonly (readonly [string, string])[]): Promise<XsaveModel> {
  const tree = treeAt(samplePath('apx-series'));
  const files = tree.files.map(({ path, text }) => ({
    path,
    text: edits.reduce((all, [from, to]) => all.replaceAll(from, to), text),
  }));
  return readTree(await parser(), { ...tree, files }).xsave;
}

/** Whether KVM_SET_XSAVE's copy into the fpstate leaves R16-R31 out. */
async function isLeftOut(edits: readonly (readonly [string, string])[]): Promise<boolean> {
  const { transfers } = await xsaveWith(edits);
  const copies = transfers.filter((t) => t.state === 'fpstate' && t.from.kind === 'userspace');
  expect(copies).toHaveLength(1);
  return copies.every((t) => t.leftOut.includes('XFEATURE_APX'));
}

const TEST = 'if (ustate->header.xfeatures & BIT_ULL(i))';
const GIVEN = [
  ['const void *buf, u32 *pkru)', 'const void *buf, u32 *pkru, u64 skip)'],
  [
    'copy_uabi_to_xstate(gfpu->fpstate, buf, vpkru)',
    'copy_uabi_to_xstate(gfpu->fpstate, buf, vpkru, XFEATURE_MASK_APX)',
  ],
] as const;

describe('a copy of components one by one leaves out', () => {
  it('none by itself', async () => {
    expect(await isLeftOut([])).toBe(false);
  });

  it.each([
    ['what its test takes out', [[TEST, 'if (ustate->header.xfeatures & ~XFEATURE_MASK_APX & BIT_ULL(i))']]],
    [
      'what a test before it goes on for',
      [[TEST, `if (!(ustate->header.xfeatures & ~XFEATURE_MASK_APX & BIT_ULL(i)))\ncontinue;\n${TEST}`]],
    ],
    ['what a caller gives it to leave out', [[TEST, 'if (ustate->header.xfeatures & ~skip & BIT_ULL(i))'], ...GIVEN]],
  ] as const)('%s', async (_, edits) => {
    expect(await isLeftOut(edits)).toBe(true);
  });

  it('not what a caller gives it for something else', async () => {
    const given = [[GIVEN[1][0], GIVEN[1][1].replace('XFEATURE_MASK_APX', 'XFEATURE_MASK_PKRU')]] as const;
    expect(await isLeftOut([[TEST, 'if (ustate->header.xfeatures & ~skip & BIT_ULL(i))'], GIVEN[0], ...given])).toBe(
      false,
    );
  });
});

it('ioctls of their own are named in the row', async () => {
  const copy = (way: string) => `r = copy_${way}`;
  const xsave = await xsaveWith([
    ['\tkvm_copy_vcpu_regs_to_uabi(vcpu, state);\n', ''],
    ['\tkvm_copy_uabi_to_vcpu_regs(vcpu, (u8 *)guest_xsave->region);\n', ''],
    [
      '\tcase KVM_GET_XCRS:\n',
      `\tcase KVM_GET_EGPRS:\n${copy('to_user')}(argp, &vcpu->arch.regs[VCPU_REGS_R16], 128);\nbreak;
	case KVM_SET_EGPRS:\n${copy('from_user')}(&vcpu->arch.regs[VCPU_REGS_R16], argp, 128);\nbreak;\n\tcase KVM_GET_XCRS:\n`,
    ],
  ]);
  const row = componentRows(xsave).find(([, name]) => name === 'APX');
  expect(row?.at(-1)).toBe('KVM_GET/SET_EGPRS');
});
