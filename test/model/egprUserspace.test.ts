import { describe, expect, it } from 'vitest';
import { componentRows } from '../../server/src/explain/xsave/componentRows.js';
import { registerNamed } from '../../server/src/model/query/registers.js';
import { readTree } from '../../server/src/model/readTree.js';
import { useOf } from '../../server/src/model/xsave/componentUse.js';
import { parser, treeAt } from '../engine.js';
import { samplePath } from '../samples.js';

/*
 * Copies between R16-R31's slots of the register cache and userspace's XSAVE buffer, as series have written them or may: each
 * is found in both directions, or it is not known whether there is one. The sample's own copies are replaced by each.
 */

const SOURCE = 'arch/x86/kvm/x86.c';
const OUT = /memcpy\(state \+ xstate_offset\(XFEATURE_APX\), egprs[^;]*;/;
const IN = /memcpy\(egprs, state \+ xstate_offset\(XFEATURE_APX\)[^;]*;/;
const OPENING = 'static void kvm_copy_vcpu_regs_to_uabi';
const SLOTS = '&vcpu->arch.regs[VCPU_REGS_R16]';
const AREA = '(state + xstate_offset(XFEATURE_APX))';

interface Variant {
  /** Functions that stand before those that copy. */
  readonly helpers?: string;
  /** Statements in place of the copy to userspace's buffer, and of the one from it. */
  readonly out: string;
  readonly back: string;
}

const MEMCPY = 'static void copy_area(void *to, const void *from, size_t size)\n{\n\tmemcpy(to, from, size);\n}\n';
const LOOPS = `static void put_gprs(const unsigned long *gprs, void *buf)
{
	u64 *to = buf;
	int i;

	for (i = 0; i < 16; i++)
		to[i] = gprs[i];
}

static void set_gprs(unsigned long *gprs, const void *buf)
{
	const u64 *from = buf;
	int i;

	for (i = 0; i < 16; i++)
		gprs[i] = from[i];
}
`;
const STRUCT = `struct apx_state { u64 egpr[16]; };

static void save_egprs(struct apx_state *apx, const unsigned long *gprs)
{
	int i;

	for (i = 0; i < 16; i++)
		apx->egpr[i] = gprs[i];
}

static void restore_egprs(const struct apx_state *apx, unsigned long *gprs)
{
	int i;

	for (i = 0; i < 16; i++)
		gprs[i] = apx->egpr[i];
}
`;
const TWO = `static void copy_longs(u64 *to, const u64 *from)
{
	int n = 16;

	while (n--)
		*to++ = *from++;
}

static void copy_egprs(void *to, const void *from)
{
	copy_longs(to, from);
}
`;
const FLAG = `static void copy_egprs(unsigned long *gprs, void *buf, bool is_out)
{
	if (is_out)
		memcpy(buf, gprs, 128);
	else
		memcpy(gprs, buf, 128);
}
`;
const MISNAMED = `static void copy_to_uabi(unsigned long *gprs, const void *buf)
{
	memcpy(gprs, buf, 128);
}

static void copy_from_uabi(const unsigned long *gprs, void *buf)
{
	memcpy(buf, gprs, 128);
}
`;

const FOUND: Readonly<Record<string, Variant>> = {
  'memcpy in a helper': {
    helpers: MEMCPY,
    out: `copy_area(${AREA}, ${SLOTS}, 128);`,
    back: `copy_area(${SLOTS}, ${AREA}, 128);`,
  },
  'loops in helpers': { helpers: LOOPS, out: `put_gprs(${SLOTS}, ${AREA});`, back: `set_gprs(${SLOTS}, ${AREA});` },
  'members of a struct': {
    helpers: STRUCT,
    out: `save_egprs(${AREA}, ${SLOTS});`,
    back: `restore_egprs(${AREA}, ${SLOTS});`,
  },
  'a helper of a helper': {
    helpers: TWO,
    out: `copy_egprs(${AREA}, ${SLOTS});`,
    back: `copy_egprs(${SLOTS}, ${AREA});`,
  },
  'a helper that a constant tells which way': {
    helpers: FLAG,
    out: `copy_egprs(${SLOTS}, ${AREA}, true);`,
    back: `copy_egprs(${SLOTS}, ${AREA}, false);`,
  },
  'names that say the opposite': {
    helpers: MISNAMED,
    out: `copy_from_uabi(${SLOTS}, ${AREA});`,
    back: `copy_to_uabi(${SLOTS}, ${AREA});`,
  },
  'an offset at the call': {
    helpers: MEMCPY,
    out: `copy_area((u8 *)state + 576, ${SLOTS}, 128);`,
    back: `copy_area(${SLOTS}, (u8 *)state + 576, 128);`,
  },
  'a local pointer to the slots': {
    out: `{ u64 *to = ${AREA}; unsigned long *from = ${SLOTS}; *to++ = *from++; }`,
    back: `{ u64 *from = ${AREA}; unsigned long *to = ${SLOTS}; to[0] = from[0]; to[1] = from[1]; }`,
  },
  'a loop by number': {
    out: `{ int i; for (i = 0; i < 16; i++) ((u64 *)${AREA})[i] = vcpu->arch.regs[VCPU_REGS_R16 + i]; }`,
    back: `{ int i; for (i = 0; i < 16; i++) vcpu->arch.regs[VCPU_REGS_R16 + i] = ((u64 *)${AREA})[i]; }`,
  },
  'the accessor by number': {
    out: `{ int nr; for (nr = VCPU_REGS_R16; nr <= VCPU_REGS_R31; nr++) ((u64 *)${AREA})[nr - VCPU_REGS_R16] = kvm_register_read_raw(vcpu, nr); }`,
    back: `{ int nr; for (nr = VCPU_REGS_R16; nr <= VCPU_REGS_R31; nr++) kvm_register_write_raw(vcpu, nr, ((u64 *)${AREA})[nr - VCPU_REGS_R16]); }`,
  },
};

const SUM = `static u64 sum_of(const unsigned long *gprs, const void *buf)
{
	return gprs[0] + *(const u64 *)buf;
}
`;
const WHOLE = `static void put_all(void *buf, const unsigned long *gprs)
{
	memcpy(buf, &gprs[VCPU_REGS_R16], 128);
}

static void set_all(const void *buf, unsigned long *gprs)
{
	memcpy(&gprs[VCPU_REGS_R16], buf, 128);
}
`;

const UNKNOWN: Readonly<Record<string, Variant>> = {
  'a helper that the tree does not show': {
    helpers: 'void copy_area(void *to, const void *from, size_t size);\n',
    out: `copy_area(${AREA}, ${SLOTS}, 128);`,
    back: `copy_area(${SLOTS}, ${AREA}, 128);`,
  },
  'a helper that copies nothing': {
    helpers: SUM,
    out: `sum_of(${SLOTS}, ${AREA});`,
    back: `sum_of(${SLOTS}, ${AREA});`,
  },
  'the whole array, of which a helper picks': {
    helpers: WHOLE,
    out: `put_all(${AREA}, vcpu->arch.regs);`,
    back: `set_all(${AREA}, vcpu->arch.regs);`,
  },
  'memory whose address a call returns': {
    out: `memcpy(area_of(vcpu), ${SLOTS}, 128);`,
    back: `memcpy(${SLOTS}, area_of(vcpu), 128);`,
  },
};

/** What is said of userspace's way to R20: by its owner, by the component's row and transfers. */
async function saidOf({ helpers = '', out, back }: Variant) {
  const tree = treeAt(samplePath('apx-series'));
  const files = tree.files.map((file) =>
    file.path === SOURCE
      ? { ...file, text: file.text.replace(OUT, out).replace(IN, back).replace(OPENING, `${helpers}\n${OPENING}`) }
      : file,
  );
  const model = readTree(await parser(), { ...tree, files });
  const r20 = registerNamed(model, 'R20');
  const at = model.xsave.components.findIndex(({ holds }) => holds === 'R16-R31');
  const component = model.xsave.components[at];
  const isSlots = ({ name }: { readonly name: string }) => name === 'arch.regs[VCPU_REGS_R16..VCPU_REGS_R31]';
  const copies = (component ? useOf(model.xsave, component).user : []).filter((t) => isSlots(t.from) || isSlots(t.to));
  return {
    owner: new Set(r20?.egpr?.userspace.map((t) => (t.to?.kind === 'userspace' ? 'out' : 'in'))),
    row: new Set(copies.map((t) => (t.to.kind === 'userspace' ? 'out' : 'in'))),
    userspace: componentRows(model.xsave)[at]?.[6],
    missing: r20?.owners.find(({ backend }) => backend === 'vmx')?.missing.map(({ kind }) => kind),
  };
}

describe('copies of R16-R31 to and from userspace', () => {
  it.each(Object.entries(FOUND))('are found: %s', async (_name, variant) => {
    const both = new Set(['out', 'in']);
    expect(await saidOf(variant)).toEqual({ owner: both, row: both, userspace: 'KVM_GET/SET_XSAVE', missing: [] });
  });

  it.each(Object.entries(UNKNOWN))('are not known, not absent: %s', async (_name, variant) => {
    const none = new Set();
    expect(await saidOf(variant)).toMatchObject({ owner: none, row: none, missing: ['userspace-unknown'] });
  });

  it('where one direction is gone, that one is missing', async () => {
    const { owner, missing } = await saidOf({ helpers: MEMCPY, out: `copy_area(${AREA}, ${SLOTS}, 128);`, back: ';' });
    expect([[...owner], missing]).toEqual([['out'], ['never-set']]);
  });
});
