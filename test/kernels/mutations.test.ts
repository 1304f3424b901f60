import { beforeAll, describe, expect, it } from 'vitest';
import type { RegisterModel } from '../../server/src/model/registerModel.js';
import { treeReading, type TreeReading } from '../../server/src/model/readTree.js';
import { parser, treeAt } from '../engine.js';
import { describeKernels } from '../kernels.js';
import { difference, ownersOf, transferLines } from './mapLines.js';
import { changedTree, changeOf } from './treeChanges.js';
import { identifiersOf } from './renaming.js';

/** A change of one place: in a function that begins so, what is replaced, and by what. */
type Edit = readonly [within: RegExp | null, find: RegExp, put?: string];

/** A change of the source, and what it changes in the map: of each owner that changes, what it loses and gains and is now. */
interface Mutation {
  readonly what: string;
  /** An identifier of the trees that it is for. */
  readonly needs?: string;
  /** One of those that it is not for. */
  readonly lacks?: string;
  readonly edits: readonly Edit[];
  /** An owner of a backend that a tree lacks does not count there. */
  readonly changes: Readonly<Record<string, readonly string[]>>;
}

const SVM_ENTRY = /^SYM_FUNC_START\(__svm_vcpu_run\)/;
const VMX_ENTRY = /^SYM_FUNC_START\(__vmx_vcpu_run\)/;
const SVM_RUN = /^.*fastpath_t svm_vcpu_run\(/;
const VMX_RUN = /^.*fastpath_t vmx_vcpu_run\(/;
const VMX_CACHE = /^(?:static )?void vmx_cache_reg\(/;
const FROM_GHCB = /^static void sev_es_sync_from_ghcb\(/;

const edit = (...parts: Edit): Edit[] => [parts];

const REMOVED: readonly Mutation[] = [
  {
    what: 'a store of one register of several, or a mov, after VM-exit',
    edits: edit(SVM_ENTRY, /(STORE_REGS %_ASM_AX, .*\\\n\s*)%_ASM_CX, |mov %_ASM_CX, +VCPU_RCX\(%_ASM_AX\)/, '$1'),
    changes: { 'RCX svm': ['- load __svm_vcpu_run vm-exit'] },
  },
  {
    what: 'a load of one register of several, or a mov, before VM-entry',
    edits: edit(VMX_ENTRY, /(LOAD_REGS %_ASM_DI, .*\\\n.*)%_ASM_BX, |mov VCPU_RBX\(%_ASM_AX\), +%_ASM_BX/, '$1'),
    changes: { 'RBX vmx': ['- store __vmx_vcpu_run vm-entry'] },
  },
  {
    what: 'the load that ends the pointer to the registers',
    edits: edit(
      SVM_ENTRY,
      /LOAD_REGS %_ASM_DI, SVM_vcpu_arch_regs, %_ASM_DI|mov VCPU_RDI\(%_ASM_(?:AX|DI)\), %_ASM_DI/,
    ),
    changes: { 'RDI svm': ['- store __svm_vcpu_run vm-entry'] },
  },
  {
    what: 'the macro that stores by way of the stack',
    needs: 'POP_REGS',
    edits: edit(VMX_ENTRY, /POP_REGS .*/),
    changes: { 'RDI vmx': ['- load __vmx_vcpu_run vm-exit'] },
  },
  {
    what: 'the pop that stores by way of the stack',
    needs: 'VCPU_RAX',
    edits: edit(VMX_ENTRY, /pop +VCPU_RAX\(%_ASM_AX\)/),
    changes: { 'RAX vmx': ['- load __vmx_vcpu_run vm-exit'] },
  },
  {
    what: 'the VMCS read of RSP in the cache callback',
    edits: edit(VMX_CACHE, /vcpu->arch\.regs\[VCPU_REGS_RSP\] = vmcs_readl\(GUEST_RSP\)/),
    changes: { 'RSP vmx': ['- load vmx_cache_reg on-demand'] },
  },
  {
    what: 'the VMCS write of RIP at VM-entry',
    edits: edit(VMX_RUN, /vmcs_writel\(GUEST_RIP, [^;]*/),
    changes: { 'RIP vmx': ['- store vmx_vcpu_run vm-entry'] },
  },
  {
    what: 'the copy of RAX out of the VMCB',
    edits: edit(SVM_RUN, /vcpu->arch\.regs\[VCPU_REGS_RAX\] = svm->vmcb->save\.rax/),
    changes: { 'RAX svm': ['- load svm_vcpu_run vm-exit'] },
  },
  {
    what: 'the copy of RSP into the VMCB',
    edits: edit(SVM_RUN, /svm->vmcb->save\.rsp = vcpu->arch\.regs\[VCPU_REGS_RSP\]/),
    changes: { 'RSP svm': ['- store svm_vcpu_run vm-entry'] },
  },
  {
    what: 'the copy of RIP for an SMI',
    edits: edit(/^static int svm_(?:pre_)?enter_smm\(/, /svm->vmcb->save\.rip = vcpu->arch[^;]*/),
    changes: { 'RIP svm': ['- store svm_enter_smm smm'] },
  },
  {
    what: 'one way of RDX in the GHCB',
    needs: 'sev_es_sync_from_ghcb',
    edits: edit(FROM_GHCB, /vcpu->arch\.regs\[VCPU_REGS_RDX\] = [^;]*/),
    changes: { 'RDX sev-es': ['- load sev_es_sync_from_ghcb vm-exit'] },
  },
  {
    what: 'the only way of RSI in the GHCB',
    needs: 'sev_es_sync_from_ghcb',
    edits: edit(FROM_GHCB, /vcpu->arch\.regs\[VCPU_REGS_RSI\] = [^;]*/),
    changes: { 'RSI sev-es': ['- load sev_es_sync_from_ghcb vm-exit', 'now protected vmsa save.rsi'] },
  },
  {
    what: 'the way of RBX out in the GHCB',
    needs: 'sev_es_sync_to_ghcb',
    edits: edit(/^static void sev_es_sync_to_ghcb\(/, /ghcb_set_rbx\([^;]*/),
    changes: { 'RBX sev-es': ['- store sev_es_sync_to_ghcb vm-entry'] },
  },
  {
    what: 'the copy of RBP to the VMSA',
    needs: 'sev_es_sync_vmsa',
    edits: edit(/^static int sev_es_sync_vmsa\(/, /save->rbp = [^;]*/),
    changes: { 'RBP sev-es': ['- store sev_es_sync_vmsa launch'] },
  },
  {
    what: 'the TDVMCALL argument in RSI',
    needs: 'tdx_emulate_vmcall',
    edits: edit(/^static int tdx_emulate_vmcall\(/, /kvm_rsi_write_raw\([^;]*/),
    changes: { 'RSI tdx': ['- load tdx_emulate_vmcall vm-exit', 'now protected tdx TDX module'] },
  },
  {
    what: 'the lazy read of CR0',
    edits: edit(VMX_CACHE, /vcpu->arch\.cr0 \|= [^;]*/),
    changes: { 'CR0 vmx': ['- load vmx_cache_reg on-demand', 'now intercepted cache'] },
  },
  {
    what: 'the lazy read of CR3',
    edits: edit(VMX_CACHE, /vcpu->arch\.cr3 = [^;]*/),
    changes: { 'CR3 vmx': ['- load vmx_cache_reg on-demand', 'now intercepted cache'] },
  },
  {
    what: 'the lazy read of CR4',
    edits: edit(VMX_CACHE, /vcpu->arch\.cr4 \|= [^;]*/),
    changes: { 'CR4 vmx': ['- load vmx_cache_reg on-demand', 'now intercepted cache'] },
  },
  {
    what: 'the call that reads the PDPTRs',
    edits: edit(VMX_CACHE, /ept_save_pdptrs\(vcpu\)/),
    changes: {
      'PDPTR vmx': ['- load ept_save_pdptrs on-demand', '+ load ept_save_pdptrs nested', 'now intercepted cache'],
    },
  },
  {
    what: "the read of RFLAGS in its getter, which leaves KVM's writes to the VMCS",
    edits: edit(/^unsigned long vmx_get_rflags\(/, /rflags = vmcs_readl\(GUEST_RFLAGS\)/),
    changes: { 'RFLAGS vmx': ['- load vmx_get_rflags on-demand', 'now direct vmcs GUEST_RFLAGS'] },
  },
  {
    what: 'the read of a segment base into the segment cache',
    edits: edit(/^static ulong vmx_read_guest_seg_base\(/, /\*p = vmcs_readl\([^;]*/),
    changes: {
      'SEGMENTS vmx': [
        '- load vmx_read_guest_seg_base on-demand',
        'now lazy vmcs kvm_vmx_segment_fields[seg].{ar_bytes,limit,selector}',
      ],
    },
  },
  {
    what: 'the read of the exit qualification, which alone tells what EXIT_INFO_1 is kept in',
    edits: edit(/^.* vmx_get_exit_qual\(/, /->exit_qualification = vmcs_readl\(EXIT_QUALIFICATION\)/),
    changes: {
      'EXIT_INFO_1 vmx': ['- load vmx_get_exit_qual on-demand', 'now none cache'],
      'EXIT_INFO_1 tdx': ['- load tdx_vcpu_enter_exit vm-exit', 'now none cache'],
    },
  },
];

const CHANGED: readonly Mutation[] = [
  {
    what: "a register's write-through removed",
    edits: edit(/^void vmx_set_cr0\(/, /vmcs_writel\(GUEST_CR0, hw_cr0\)/),
    changes: { 'CR0 vmx': ['- store vmx_set_cr0 set'] },
  },
  {
    what: 'one of four reads removed',
    edits: edit(/^void ept_save_pdptrs\(/, /\S+pdptrs\[3\] = [^;]*/),
    changes: {
      'PDPTR vmx': [
        '- load ept_save_pdptrs on-demand',
        'now lazy vmcs GUEST_PDPTR0-2 when enable_ept; intercepted cache when !(enable_ept)',
      ],
    },
  },
  {
    what: 'a new copy into the VMCB',
    edits: edit(SVM_RUN, /svm->vmcb->save\.rax = vcpu/, 'svm->vmcb->save.cr4 = vcpu->arch.cr4; $&'),
    changes: { 'CR4 svm': ['+ store svm_vcpu_run vm-entry'] },
  },
  {
    what: 'a register that becomes part of the GHCB protocol',
    needs: 'sev_es_sync_from_ghcb',
    edits: edit(
      FROM_GHCB,
      /vcpu->arch\.regs\[VCPU_REGS_RSI\] = /,
      'vcpu->arch.regs[VCPU_REGS_RDI] = ghcb->save.rdi; $&',
    ),
    changes: { 'RDI sev-es': ['+ load sev_es_sync_from_ghcb vm-exit', 'now partial ghcb save.rdi'] },
  },
  {
    what: 'a copy moved to the other side of VM-entry',
    edits: [
      ...edit(SVM_RUN, /vcpu->arch\.regs\[VCPU_REGS_RSP\] = svm->vmcb->save\.rsp;/),
      ...edit(SVM_RUN, /svm->vmcb->save\.rsp = .*/, '$& vcpu->arch.regs[VCPU_REGS_RSP] = svm->vmcb->save.rsp;'),
    ],
    changes: { 'RSP svm': ['- load svm_vcpu_run vm-exit', '+ load svm_vcpu_run vm-entry'] },
  },
  {
    what: "an instruction moved before VM-entry, where the register has the host's value",
    needs: 'SVM_vcpu_arch_regs',
    edits: [
      ...edit(SVM_ENTRY, /(STORE_REGS %_ASM_AX, .*\\\n.*), %r15|mov %r15, VCPU_R15\(%_ASM_AX\)/, '$1'),
      ...edit(SVM_ENTRY, /^3:\tvmrun/m, 'mov %r15, (SVM_vcpu_arch_regs + __VCPU_REGS_R15 * WORD_SIZE)(%rdi); $&'),
    ],
    changes: { 'R15 svm': ['- load __svm_vcpu_run vm-exit'] },
  },
  {
    what: "an instruction moved before VM-entry, where the register has the host's value and another the registers' address",
    lacks: 'SVM_vcpu_arch_regs',
    edits: [
      ...edit(SVM_ENTRY, /mov %r15, VCPU_R15\(%_ASM_AX\)/),
      ...edit(SVM_ENTRY, /mov VCPU_RCX\(%_ASM_AX\), %_ASM_CX/, 'mov %r15, VCPU_R15(%_ASM_AX); $&'),
    ],
    changes: { 'R15 svm': ['- load __svm_vcpu_run vm-exit'] },
  },
];

/** What an older tree calls a function that it has under another name. */
const OLDER_NAMES = [['svm_enter_smm', 'svm_pre_enter_smm']] as const;

describeKernels('the map follows the source', (kernel) => {
  const tree = treeAt(kernel.root);
  const words = identifiersOf(tree);
  let read: TreeReading;
  let model: RegisterModel;

  beforeAll(async () => {
    read = treeReading(await parser());
    model = read(tree);
  });

  const reading = (edits: readonly Edit[]) =>
    read(
      changedTree(
        tree,
        edits.map((edit) => changeOf(tree, ...edit)),
      ),
    );

  const inOwnNames = (line: string) =>
    OLDER_NAMES.reduce((text, [name, older]) => (words.has(name) ? text : text.replace(name, older)), line);

  for (const [title, all] of Object.entries({ 'where it is without': REMOVED, 'where it has': CHANGED })) {
    describe(title, () => {
      const mutations = all.filter(
        ({ needs, lacks }) => (needs === undefined || words.has(needs)) && (lacks === undefined || !words.has(lacks)),
      );
      let changes: Record<string, string[]>;
      const expected = ({ changes }: Mutation) =>
        Object.entries(changes)
          .filter(([owner]) => model.backends.some(({ name }) => owner.endsWith(` ${name}`)))
          .map(([owner, lines]) => [owner, lines.map(inOwnNames)] as const);

      beforeAll(() => {
        changes = changesOf(model, reading(mutations.flatMap(({ edits }) => edits)));
      });

      for (const mutation of mutations) {
        it(mutation.what, () => {
          for (const [owner, change] of expected(mutation))
            expect({ [owner]: changes[owner] }).toEqual({ [owner]: change });
        });
      }

      it('and nothing else changes', () => {
        const owners = mutations.flatMap((mutation) => expected(mutation).map(([owner]) => owner));
        expect(Object.keys(changes).sort()).toEqual(owners.sort());
      });
    });
  }

  it('where guards are gone', () => {
    const sevEs = /if \(!(?:is_)?sev_es_guest\([^\n]*\)\) (\{\s*vcpu->arch\.cr2)/;
    const hasSevEs = model.backends.some(({ name }) => name === 'sev-es');
    const after = reading([
      ...(hasSevEs ? edit(SVM_RUN, sevEs, '$1') : []),
      ...edit(VMX_CACHE, /if \(enable_ept\)\n/, '\n'),
    ]);
    const { lost, gained } = difference(transferLines(model), transferLines(after));
    const guards = /!(?:is_)?sev_es_guest\(vcpu(?:->kvm)?\)|enable_ept/;
    expect(lost.filter((line) => !guards.test(line))).toEqual([]);
    expect(
      lost
        .map((line) =>
          line
            .replace(guards, '')
            .replace(/\[; /, '[')
            .replace(/; (?=;|\])/, ''),
        )
        .sort(),
    ).toEqual(gained);
    expect(lost.filter((line) => /^(RAX|RSP|RIP) svm load/.test(line))).toHaveLength(hasSevEs ? 3 : 0);
    expect(lost.filter((line) => line.startsWith('PDPTR vmx load'))).toHaveLength(4);
    const now = Object.entries(changesOf(model, after)).flatMap(([owner, change]) =>
      change.filter((c) => c.startsWith('now')).map((c) => `${owner} ${c}`),
    );
    expect(now).toEqual(['PDPTR vmx now lazy vmcs GUEST_PDPTR0-3']);
  });

  it('where the cache callbacks are in no table', () => {
    const svm = edit(null, /\.cache_reg = svm_cache_reg,/);
    const changes = changesOf(
      model,
      reading([...svm, ...edit(null, /\.cache_reg = (?:vmx_cache_reg|vt_op\(cache_reg\)),/)]),
    );
    const lazy = ['RSP', 'RIP', 'PDPTR', 'CR0', 'CR3', 'CR4'].map((name) => `${name} vmx`);
    expect(Object.keys(changes).sort()).toEqual([...lazy, 'PDPTR svm'].sort());
    const isNow = (owner: string) => (changes[owner] ?? []).filter((change) => change.startsWith('now'));
    // Guests write RSP and RIP without an exit: nobody but hardware has them.
    for (const owner of lazy.slice(0, 2)) expect(isNow(owner)).toEqual([]);
    for (const owner of lazy.slice(2)) expect(isNow(owner)).toEqual(['now intercepted cache']);
    expect(changes['PDPTR svm']).toEqual(['- load load_pdptrs on-demand', 'now none cache']);
  });

  it('where VM-entry is gone', () => {
    const svm = edit(SVM_ENTRY, /vmrun %_ASM_AX/);
    const after = ownersOf(reading([...svm, ...edit(VMX_ENTRY, /^\tvmresume([^]*)^\tvmlaunch/m, '$1')]));
    const isOther = (owner: string) => /^.* (?:sev-es|tdx)$/.test(owner);
    for (const [owner, cases] of ownersOf(model))
      if (isOther(owner)) expect({ [owner]: after.get(owner) }).toEqual({ [owner]: cases });
    expect([...after.values()].flat().filter((line) => line.startsWith('switched'))).toEqual([]);
  });
});

/** Of each owner that changes: transfers that it loses and gains, by function and phase, and what it is now. */
function changesOf(before: RegisterModel, after: RegisterModel): Record<string, string[]> {
  const { lost, gained } = difference(transferLines(before), transferLines(after));
  const changes: Record<string, string[]> = {};
  const note = (owner: string, change: string) => {
    const known = (changes[owner] ??= []);
    if (!known.includes(change)) known.push(change);
  };
  for (const line of lost) note(ownerOfLine(line), `- ${transferOfLine(line)}`);
  for (const line of gained) note(ownerOfLine(line), `+ ${transferOfLine(line)}`);
  const [old, now] = [ownersOf(before), ownersOf(after)].map(withoutStorage);
  for (const owner of new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])])) {
    const is = now?.get(owner) ?? 'gone';
    if (old?.get(owner) !== is) note(owner, `now ${is}`);
  }
  return changes;
}

/** `RAX svm` of a transfer's line. */
function ownerOfLine(line: string): string {
  return partsOfLine(line).slice(0, 2).join(' ');
}

/** `load svm_vcpu_run vm-exit` of a transfer's line. */
function transferOfLine(line: string): string {
  const [, , direction = '', , fn = '', phase = ''] = partsOfLine(line);
  return `${direction} ${fn} ${phase}`;
}

function partsOfLine(line: string): string[] {
  return line.split(/[ :]+/).filter((part) => !/^\d+$/.test(part));
}

/** Owners in a line each, without what the cache calls its copy: that is not the same in every tree. */
function withoutStorage(owners: ReadonlyMap<string, readonly string[]>): Map<string, string> {
  return new Map(
    [...owners].map(([owner, cases]) => [owner, cases.map((line) => line.replace(/ cache \S+/, ' cache')).join('; ')]),
  );
}
