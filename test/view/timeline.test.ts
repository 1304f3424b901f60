import { describe, expect, it } from 'vitest';
import { modelOf } from '../engine.js';
import { kernels } from '../kernels.js';
import { timelines, type Timeline } from '../../server/src/view/timeline.js';
import { TREES } from './trees.js';

const PARTS = ['before VM-entry', 'guest', 'after VM-exit', 'handling the exit'];

describe.each(TREES)('$name', ({ model }) => {
  it('tells each run in order: what is loaded, the entry, the exit, what is stored, the handler', async () => {
    const tree = await model();
    const runs = timelines(tree);
    expect(runs.map(({ backend }) => backend)).toEqual(tree.backends.map(({ name }) => name));
    for (const { backend, steps } of runs) {
      const parts = steps.map(({ part }) => PARTS.indexOf(part));
      expect(parts, backend).toEqual([...parts].sort((a, b) => a - b));
      for (const { file, line } of steps) expect(tree.files.has(file) && line > 0).toBe(true);
    }
  });

  it('has every transfer of an owner around VM-entry that is in a function on the way to it', async () => {
    const tree = await model();
    for (const { backend, steps } of timelines(tree)) {
      const told = steps.flatMap(({ kind, function: fn, registers }) =>
        kind === 'move' ? registers.map((register) => `${register} ${fn}`) : [],
      );
      for (const { register, owners } of tree.registers)
        for (const owner of owners.filter((own) => own.backend === backend))
          for (const { function: fn, phase, isOnEntryPath } of [...owner.load, ...owner.store])
            if (isOnEntryPath && (phase === 'vm-entry' || phase === 'vm-exit'))
              expect(told, backend).toContain(`${register} ${fn}`);
    }
  });
});

describe.skipIf(!kernels().some(({ version }) => version === '7.2'))('Linux 7.2', () => {
  const linux72 = TREES.find(({ name }) => name === 'Linux 7.2');

  it('tells the run on VMX', async () => {
    const [vmx] = timelines(await modelIn(linux72), 'vmx');
    expect(vmx?.begins).toEqual(['vcpu_enter_guest']);
    const order = [
      'move XCR0 kvm_load_xfeatures',
      'move RSP RIP vmx_vcpu_run',
      'clean kvm_reset_dirty_registers',
      'move RDI __vmx_vcpu_run',
      'enter __vmx_vcpu_run',
      'exit __vmx_vcpu_run',
      'move RAX RCX RDX RBX RBP RSI RDI __vmx_vcpu_run',
      'invalidate vmx_vcpu_enter_exit',
      "move host's XCR0 kvm_load_xfeatures",
      'handle vmx_handle_exit',
      'fetch RSP RIP CR0 CR3 CR4 vmx_cache_reg',
    ];
    expect(stepsOf(vmx).filter((step) => order.includes(step))).toEqual(order);
  });

  it('keeps to the backend: no step of another vendor, nor of the host state that another saves', async () => {
    const tree = await modelIn(linux72);
    for (const { backend, steps } of timelines(tree)) {
      const files = new Set(steps.map(({ file }) => file));
      if (backend === 'vmx') expect([...files].filter((file) => /svm|tdx/.test(file))).toEqual([]);
      if (backend === 'tdx')
        expect([...files].filter((file) => /svm|vmx\/(?:vmx|vmenter|nested)/.test(file))).toEqual([]);
      if (backend.startsWith('s')) expect([...files].filter((file) => file.includes('vmx'))).toEqual([]);
    }
  });
});

it('says that it knows no way to VM-entry where the tree does not show one', async () => {
  const tree = await modelOf({ 'arch/x86/kvm/vmx/vmx.c': 'void f(void) { vmcs_writel(GUEST_RSP, 0); }' });
  for (const { steps, unknown } of timelines(tree)) {
    expect(steps).toEqual([]);
    expect(unknown[0]?.text).toBe('no way to a VM-entry was found in this tree');
  }
});

function stepsOf(run: Timeline | undefined): string[] {
  return (run?.steps ?? []).map(({ kind, registers, function: fn }) =>
    [kind, ...(kind === 'move' || kind === 'fetch' ? registers : []), fn].join(' '),
  );
}

async function modelIn(tree: (typeof TREES)[number] | undefined) {
  if (!tree) throw new Error('no Linux 7.2 among the kernels');
  return tree.model();
}
