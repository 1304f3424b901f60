import { describe, expect, it } from 'vitest';
import type { RegisterModel } from '../../../server/src/model/registerModel.js';
import { editedModel, found, type Edit } from './checked.js';

/*
 * Ways to move a register in C that are not `slot = vmcs_readl(FIELD)`: each is found, or "not known" with a reason, and never makes
 * a finding.
 */

const FETCH = /^void vmx_cache_reg\(/;
const RUN = /^int vmx_vcpu_run\(/;
const SVM_RUN = /^static int svm_vcpu_run\(/;
const FETCH_RSP = /vcpu->arch\.regs\[VCPU_REGS_RSP\] = vmcs_readl\(GUEST_RSP\);/;
const WRITE_BACK = /if \(kvm_register_is_dirty\(vcpu, VCPU_REGS_RSP\)\)[\s\S]*?vcpu->arch\.rip\);/;
const WRITE_RSP = /if \(kvm_register_is_dirty\(vcpu, VCPU_REGS_RSP\)\)[\s\S]*?\]\);/;
const COPY_OUT =
  /vcpu->arch\.regs\[VCPU_REGS_RAX\] = svm->vmcb->save\.rax;[\s\S]*?vcpu->arch\.rip = svm->vmcb->save\.rip;/;

/** Puts code before the function that enters a guest, of VMX or SVM. */
const before = (vendor: 'vmx' | 'svm', code: string): Edit => [
  null,
  new RegExp(`(?=static noinstr void ${vendor}_vcpu_enter_exit\\()`),
  code.replace(/\s+/g, ' '),
];

type Known = 'found' | 'unknown' | 'absent';

function known(model: RegisterModel, register: string, backend: string): { load: Known; store: Known } {
  const owner = model.registers.find((r) => r.register === register)?.owners.find((o) => o.backend === backend);
  const of = (direction: 'load' | 'store'): Known =>
    (owner?.unknown[direction].length ?? 0) > 0
      ? 'unknown'
      : owner?.[direction].some(({ phase }) => /^vm-|^on-demand$/.test(phase))
        ? 'found'
        : 'absent';
  return { load: of('load'), store: of('store') };
}

const FOUND = { load: 'found', store: 'found' } as const;

async function expectWay(
  edits: readonly Edit[],
  backend: string,
  expected: Partial<Record<string, unknown>>,
): Promise<void> {
  const model = await editedModel(edits);
  expect(found(model).map(({ rule, message }) => `${rule} ${message}`)).toEqual([]);
  for (const [register, answer] of Object.entries(expected)) expect(known(model, register, backend)).toEqual(answer);
}

describe('the value of an object that a macro reads or writes', () => {
  it.each([
    'vcpu->arch.regs[VCPU_REGS_RAX] = READ_ONCE(svm->vmcb->save.rax); WRITE_ONCE(vcpu->arch.regs[VCPU_REGS_RSP], svm->vmcb->save.rsp);',
    'WRITE_ONCE(vcpu->arch.regs[VCPU_REGS_RAX], READ_ONCE(svm->vmcb->save.rax)); vcpu->arch.regs[VCPU_REGS_RSP] = smp_load_acquire(&svm->vmcb->save.rsp);',
    'vcpu->arch.regs[VCPU_REGS_RAX] = xchg(&svm->vmcb->save.rax, 0); swap(vcpu->arch.regs[VCPU_REGS_RSP], svm->vmcb->save.rsp);',
    '*(vcpu->arch.regs + VCPU_REGS_RAX) = svm->vmcb->save.rax; *(vcpu->arch.regs + VCPU_REGS_RSP) = svm->vmcb->save.rsp;',
  ])('%s', (code) =>
    expectWay([[SVM_RUN, COPY_OUT, `${code} vcpu->arch.rip = svm->vmcb->save.rip;`]], 'svm', {
      RAX: FOUND,
      RSP: FOUND,
    }),
  );
});

describe('a register that is chosen by its number', () => {
  it('in `if`s instead of a switch', () =>
    expectWay(
      [
        [FETCH, /switch \(reg\) \{\s*case VCPU_REGS_RSP:/, 'if (reg == VCPU_REGS_RSP) {'],
        [FETCH, /break;\s*case VCPU_REG_RIP:/, 'return; } else if (VCPU_REG_RIP == reg) {'],
        [FETCH, /break;\s*case VCPU_REG_PDPTR:/, 'return; } switch (reg) { case VCPU_REG_PDPTR:'],
      ],
      'vmx',
      { RSP: FOUND, RIP: FOUND, CR0: { load: 'found', store: 'absent' } },
    ));

  it('by a loop over the dirty bits', () =>
    expectWay(
      [
        [
          RUN,
          WRITE_BACK,
          `unsigned int reg; for_each_set_bit(reg, vcpu->arch.regs_dirty, NR_VCPU_TOTAL_REGS) { switch (reg) {
             case VCPU_REGS_RSP: vmcs_writel(GUEST_RSP, vcpu->arch.regs[reg]); break;
             case VCPU_REG_RIP: vmcs_writel(GUEST_RIP, vcpu->arch.rip); break; } }`,
        ],
      ],
      'vmx',
      { RSP: FOUND, RIP: FOUND },
    ));

  it('by a table of functions', () =>
    expectWay(
      [
        before(
          'vmx',
          `static void fetch_rsp(struct kvm_vcpu *vcpu) { vcpu->arch.regs[VCPU_REGS_RSP] = vmcs_readl(GUEST_RSP); }
           static void (*const fetches[])(struct kvm_vcpu *) = { [VCPU_REGS_RSP] = fetch_rsp };`,
        ),
        [
          FETCH,
          /switch \(reg\) \{\s*case VCPU_REGS_RSP:[\s\S]*?break;/,
          'if (fetches[reg]) { fetches[reg](vcpu); return; } switch (reg) {',
        ],
      ],
      'vmx',
      { RSP: FOUND },
    ));
});

describe('a field that is not written where it is accessed', () => {
  it.each([
    [
      'a constant in a variable',
      'const unsigned long field = GUEST_RSP;',
      'if (kvm_register_is_dirty(vcpu, VCPU_REGS_RSP)) vmcs_writel(field, vcpu->arch.regs[VCPU_REGS_RSP]);',
    ],
    [
      'in brackets',
      '',
      'if (kvm_register_is_dirty(vcpu, (VCPU_REGS_RSP))) vmcs_writel((GUEST_RSP), (vcpu->arch.regs[VCPU_REGS_RSP]));',
    ],
    [
      'the value before the test',
      'unsigned long rsp = vcpu->arch.regs[VCPU_REGS_RSP];',
      'if (kvm_register_is_dirty(vcpu, VCPU_REGS_RSP)) vmcs_writel(GUEST_RSP, rsp);',
    ],
  ])('%s', (_, declared, code) => expectWay([[RUN, WRITE_RSP, `${declared} ${code}`]], 'vmx', { RSP: FOUND }));

  it('a macro that is given field and value', () =>
    expectWay(
      [
        [
          null,
          /static bool enable_ept = true;\n\n/,
          'static bool enable_ept = true;\n#define WRITE_BACK(reg, field, value) do { if (kvm_register_is_dirty(vcpu, (reg))) vmcs_writel((field), (value)); } while (0)\n',
        ],
        [RUN, WRITE_RSP, 'WRITE_BACK(VCPU_REGS_RSP, GUEST_RSP, vcpu->arch.regs[VCPU_REGS_RSP]);'],
      ],
      'vmx',
      { RSP: FOUND },
    ));

  it.each([
    [
      'a table',
      'static const struct { int reg; unsigned long field; } written[] = { { VCPU_REGS_RSP, GUEST_RSP } };',
      'if (kvm_register_is_dirty(vcpu, written[0].reg)) vmcs_writel(written[0].field, vcpu->arch.regs[written[0].reg]);',
    ],
    [
      'a parameter',
      'static void write_field(unsigned long field, unsigned long value) { vmcs_writel(field, value); }',
      'if (kvm_register_is_dirty(vcpu, VCPU_REGS_RSP)) write_field(GUEST_RSP, vcpu->arch.regs[VCPU_REGS_RSP]);',
    ],
    [
      'an instruction',
      '',
      'if (kvm_register_is_dirty(vcpu, VCPU_REGS_RSP)) asm volatile("vmwrite %1, %0" : : "r" (GUEST_RSP), "rm" (vcpu->arch.regs[VCPU_REGS_RSP]) : "cc");',
    ],
    [
      'a result',
      'static unsigned long rsp_of(struct kvm_vcpu *vcpu) { return vcpu->arch.regs[VCPU_REGS_RSP]; }',
      'vmcs_writel(GUEST_RSP, kvm_register_is_dirty(vcpu, VCPU_REGS_RSP) ? rsp_of(vcpu) : 0);',
    ],
  ])('%s: its store is found or not known', async (_, declared, code) => {
    const model = await editedModel([before('vmx', declared), [RUN, WRITE_RSP, code]]);
    expect(found(model).map(({ rule, message }) => `${rule} ${message}`)).toEqual([]);
    expect(known(model, 'RSP', 'vmx').store).not.toBe('absent');
  });

  it('a helper is given the slot and the field: not known', () =>
    expectWay(
      [
        before('vmx', 'static void fetch(unsigned long *slot, unsigned long field) { *slot = vmcs_readl(field); }'),
        [FETCH, FETCH_RSP, 'fetch(&vcpu->arch.regs[VCPU_REGS_RSP], GUEST_RSP);'],
      ],
      'vmx',
      { RSP: { load: 'unknown', store: 'found' } },
    ));
});

describe('what a helper of VM-entry moves', () => {
  it('by a bitmap that it is given', () =>
    expectWay(
      [
        before(
          'vmx',
          `static void write_back(struct vcpu_vmx *vmx, unsigned long dirty) { struct kvm_vcpu *vcpu = &vmx->vcpu;
             if (dirty & BIT(VCPU_REGS_RSP)) vmcs_writel(GUEST_RSP, vcpu->arch.regs[VCPU_REGS_RSP]);
             if (dirty & BIT(VCPU_REG_RIP)) vmcs_writel(GUEST_RIP, vcpu->arch.rip); }`,
        ),
        [RUN, WRITE_BACK, 'write_back(vmx, vcpu->arch.regs_dirty[0]);'],
      ],
      'vmx',
      { RSP: FOUND, RIP: FOUND },
    ));

  it.each([
    [
      'the array',
      'static void out(const struct vmcb *vmcb, unsigned long *regs) { regs[VCPU_REGS_RAX] = vmcb->save.rax; regs[VCPU_REGS_RSP] = vmcb->save.rsp; }',
      'out(svm->vmcb, vcpu->arch.regs);',
    ],
    [
      'nothing but the VMCB',
      'static unsigned long rax(struct vcpu_svm *svm) { return svm->vmcb->save.rax; } static unsigned long rsp(struct vmcb *vmcb) { return vmcb->save.rsp; }',
      'vcpu->arch.regs[VCPU_REGS_RAX] = rax(svm); vcpu->arch.regs[VCPU_REGS_RSP] = rsp(svm->vmcb);',
    ],
    [
      'an offset',
      '',
      'for (int i = 0; i < 2; i++) vcpu->arch.regs[copied[i].reg] = *(u64 *)((void *)&svm->vmcb->save + copied[i].offset);',
    ],
  ])('given %s: not known', (_, declared, code) =>
    expectWay([before('svm', declared), [SVM_RUN, COPY_OUT, `${code} vcpu->arch.rip = svm->vmcb->save.rip;`]], 'svm', {
      RAX: { load: 'unknown', store: 'found' },
      RSP: { load: 'unknown', store: 'found' },
      RIP: FOUND,
    }),
  );
});

describe('avail bits that are cleared by numbers in a table', () => {
  it('may be of any register', async () => {
    const edits: Edit[] = [
      [
        /^static noinstr void vmx_vcpu_enter_exit\(/,
        /kvm_clear_available_registers\([^;]*;/,
        'for (int i = 0; i < ARRAY_SIZE(lazy_regs); i++) __clear_bit(lazy_regs[i], vcpu->arch.regs_avail);',
      ],
      before('vmx', 'static const u8 lazy_regs[] = { VCPU_REGS_RSP, VCPU_REG_RIP };'),
    ];
    expect(found(await editedModel(edits))).toEqual([]);
  });
});

describe('what a helper tests or fetches', () => {
  it('a test of one register with a name of its own', () =>
    expectWay(
      [
        before(
          'vmx',
          'static bool is_rsp_dirty(struct kvm_vcpu *vcpu) { return kvm_register_is_dirty(vcpu, VCPU_REGS_RSP); }',
        ),
        [RUN, /kvm_register_is_dirty\(vcpu, VCPU_REGS_RSP\)/, 'is_rsp_dirty(vcpu)'],
      ],
      'vmx',
      { RSP: FOUND },
    ));

  it('a fetch of the register whose number it is given', () =>
    expectWay(
      [
        [
          /^static inline unsigned long kvm_rip_read\(/,
          /if \(!kvm_register_is_available\(vcpu, VCPU_REG_RIP\)\)[\s\S]*?kvm_x86_call\(cache_reg\)\(vcpu, VCPU_REG_RIP\);/,
          'fetch_register(vcpu, VCPU_REG_RIP);',
        ],
        [
          null,
          /(?=static inline unsigned long kvm_rip_read\()/,
          'static inline void fetch_register(struct kvm_vcpu *vcpu, enum kvm_reg reg) { if (!kvm_register_is_available(vcpu, reg)) kvm_x86_call(cache_reg)(vcpu, reg); } ',
        ],
      ],
      'vmx',
      { RIP: FOUND },
    ));

  it('a writer that chooses by the number it marks', async () => {
    const edits: Edit[] = [
      [
        /^static inline void kvm_rip_write\(/,
        /vcpu->arch\.rip = val;/,
        'switch (reg) { case VCPU_REG_RIP: vcpu->arch.rip = val; break; case VCPU_REG_CR3: vcpu->arch.cr3 = val; break; default: return; }',
      ],
      [/^static inline void kvm_rip_write\(/, /mark_dirty\(vcpu, VCPU_REG_RIP\)/, 'mark_dirty(vcpu, reg)'],
      [
        null,
        /void kvm_rip_write\(struct kvm_vcpu \*vcpu, /,
        'void kvm_rip_write(struct kvm_vcpu *vcpu, enum kvm_reg reg, ',
      ],
    ];
    expect(found(await editedModel(edits))).toEqual([]);
  });

  it('a fetch in a loop until the register is there', async () => {
    const edits: Edit[] = [
      before(
        'vmx',
        'static unsigned long stack_of(struct kvm_vcpu *vcpu) { while (!kvm_register_is_available(vcpu, VCPU_REGS_RSP)) vmx_cache_reg(vcpu, VCPU_REGS_RSP); return vcpu->arch.regs[VCPU_REGS_RSP]; }',
      ),
    ];
    expect(found(await editedModel(edits))).toEqual([]);
  });

  it('dirty bits that common code resets behind the run', async () => {
    const edits: Edit[] = [
      [RUN, /kvm_reset_dirty_registers\(vcpu\);/, ';'],
      [SVM_RUN, /kvm_reset_dirty_registers\(vcpu\);/, ';'],
      [/^static int vcpu_enter_guest\(/, /kvm_x86_call\(vcpu_run\)\(vcpu, 0\);/, '$& kvm_reset_dirty_registers(vcpu);'],
    ];
    expect(found(await editedModel(edits))).toEqual([]);
  });

  const READ_FIELDS = /vcpu->arch\.pdptrs\[0\] = vmcs_read64[\s\S]*?vmcs_read64\(GUEST_PDPTR3\);/;
  const WRITE_FIELDS = /vmcs_write64\(GUEST_PDPTR0, vcpu[\s\S]*?pdptrs\[3\]\);/;
  const READ_LOOP = 'for (int i = 0; i < 4; i++) vcpu->arch.pdptrs[i] = vmcs_read64(GUEST_PDPTR0 + 2 * i);';
  const WRITE_LOOP = 'for (int i = 0; i < 4; i++) vmcs_write64(GUEST_PDPTR0 + 2 * i, vcpu->arch.pdptrs[i]);';
  it.each([
    ['read', [[null, READ_FIELDS, READ_LOOP]]],
    ['written', [[null, WRITE_FIELDS, WRITE_LOOP]]],
    [
      'read and written',
      [
        [null, READ_FIELDS, READ_LOOP],
        [null, WRITE_FIELDS, WRITE_LOOP],
      ],
    ],
  ] satisfies [string, Edit[]][])('fields that are counted from the first, %s', (_, edits) =>
    expectWay(edits, 'vmx', { PDPTR: FOUND }),
  );
});
