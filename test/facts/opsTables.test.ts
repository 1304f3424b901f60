import { guardText } from '../../server/src/syntax/conditions/guard.js';
import { describe, expect, it } from 'vitest';
import type { OpsTable } from '../../server/src/facts/symbols/opsTables.js';
import { factsOf } from './fixture.js';

async function table(text: string): Promise<OpsTable | undefined> {
  return (await factsOf(text)).tables[0];
}

function entries(found: OpsTable | undefined): string[] {
  return (found?.entries ?? []).map(({ member, function: name, conditions }) =>
    [member, name, ...conditions.map(guardText)].join(' '),
  );
}

describe('ops tables', () => {
  it('name the function of each member', async () => {
    const found = await table(
      'static struct kvm_x86_ops svm_x86_ops __initdata = {\n\t.name = KBUILD_MODNAME,\n\t.cache_reg = svm_cache_reg,\n#ifdef CONFIG_SMM\n\t.enter_smm = &svm_enter_smm,\n#endif\n\t.max = 16,\n};\n',
    );
    expect(found).toMatchObject({ name: 'svm_x86_ops', struct: 'kvm_x86_ops' });
    expect(entries(found)).toEqual([
      'name KBUILD_MODNAME',
      'cache_reg svm_cache_reg',
      'enter_smm svm_enter_smm CONFIG_SMM',
    ]);
  });

  it('expand macros around the names', async () => {
    const text =
      '#define vt_op(name) vt_##name\n#define vt_op_tdx_only(name) NULL\nstruct kvm_x86_ops vt_x86_ops = {\n\t.cache_reg = vt_op(cache_reg),\n\t.run = vt_op(vcpu_run),\n};\n';
    expect(entries(await table(text))).toEqual(['cache_reg vt_cache_reg', 'run vt_vcpu_run']);
  });

  it('hold nested initialisers', async () => {
    const text = 'struct init o = {\n\t.runtime_ops = &ops,\n\t.inner = {\n\t\t.f = g,\n\t},\n};\n';
    expect(entries(await table(text))).toEqual(['runtime_ops ops', 'f g']);
  });

  it('tell the handler of each index', async () => {
    const found = await table(
      'static int (*const handlers[])(struct kvm_vcpu *vcpu) = {\n\t[SVM_EXIT_CR0] = cr_interception,\n\t[SVM_EXIT_VMGEXIT] = sev_handle_vmgexit,\n\t[4] = other,\n};\n',
    );
    expect(found).toMatchObject({
      name: 'handlers',
      handlers: [
        { index: 'SVM_EXIT_CR0', function: 'cr_interception' },
        { index: 'SVM_EXIT_VMGEXIT', function: 'sev_handle_vmgexit' },
      ],
    });
    expect(found?.mentions).toContain('other');
  });

  it('have no entry for what is no name', async () => {
    expect(entries(await table('struct a b = { .c = d ? e : f, .g = h + 1, .i = "j" };\n'))).toEqual([]);
  });
});
