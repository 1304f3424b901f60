import { expect, it } from 'vitest';
import { meaningless, meaninglessPaths, type Names } from '../renaming.js';
import { GPRS, GROUPS } from './groups.js';
import { describeRenamedKernels, NONE } from './renamedKernel.js';

/** Operations of KVM's vendors: macros make longer names of theirs. */
const OPERATIONS = ['cache_reg', 'vcpu_run'];
const OPERATION_PREFIXES = ['', 'kvm_x86_', 'vt_'];

/**
 * What names a place: VMCS and GHCB accessors, reads of guest memory (virt/kvm), the build's OFFSET() and the TDX module's
 * entry. They are an interface; no tree says what they mean.
 */
const INTERFACE =
  /^(?:(?:__)?e?vmcs_(?:check)?(?:read|write)|(?:kvm_)?ghcb_[gs]et_|kvm_(?:vcpu_)?read_(?:nested_)?guest|tdh_vp_enter$|OFFSET$)/;

describeRenamedKernels(({ tree, words, model, renamed, changed }) => {
  const hasStaticCalls = words.has('KVM_X86_OP');

  /** The operations with every name that a macro makes of them. */
  function operations(): Names {
    const pairs = OPERATIONS.flatMap((name) =>
      OPERATION_PREFIXES.map((prefix) => [prefix + name, prefix + meaningless(name)] as const),
    );
    return new Map(pairs.filter(([name]) => words.has(name)));
  }

  /** Accessors that macros make, by what the macros put behind the register's name. */
  function generatedAccessors(): Names {
    const made = [...model().symbols.accessors.values()].filter((accessor) => accessor.instantiation !== null);
    const names = new Map<string, string>();
    for (const { name } of made) {
      const [, stem = '', ending = ''] = /^([a-z]+_[a-z0-9]+)(_\w+)$/.exec(name) ?? [];
      names.set(ending, meaningless(ending)).set(name, stem + meaningless(ending));
    }
    return names;
  }

  /** Every function and macro with parameters of KVM that no macro makes a name of. */
  function functions(): Names {
    const { graph, symbols } = model();
    const own = ({ file }: { readonly file: string }) => file.startsWith('arch/x86/kvm/');
    const macros = [...symbols.macros.values()].filter((macro) => own(macro) && macro.definition.parameters !== null);
    const names = [
      ...graph.nodes.filter(own).map(({ name }) => name),
      ...macros.map(({ definition }) => definition.name),
    ];
    const isMade = (name: string) =>
      /^(?:vt|kvm_x86)_/.test(name) || words.has(`vt_${name}`) || words.has(`kvm_x86_${name}`);
    return renamed(names.filter((name) => name.length > 4 && !isMade(name) && !INTERFACE.test(name)));
  }

  it('of operations, and of accessors that macros make', () => {
    // Without static calls no macro makes a name of an operation.
    expect(operations().size).toBeGreaterThan(hasStaticCalls ? OPERATIONS.length : OPERATIONS.length - 1);
    expect(generatedAccessors().size).toBeGreaterThan(GPRS.length);
    expect(changed(new Map([...operations(), ...generatedAccessors()]))).toEqual({ lost: [], gained: [] });
  });

  it('of files and directories', () => {
    expect(changed(NONE, meaninglessPaths(tree))).toEqual({ lost: [], gained: [] });
  });

  it('of all these, and of every function and macro of KVM', () => {
    const names = new Map([
      ...functions(),
      ...renamed(Object.values(GROUPS).flat()),
      ...generatedAccessors(),
      ...operations(),
    ]);
    expect(names.size).toBeGreaterThan(hasStaticCalls ? 3000 : 2500);
    expect(changed(names, meaninglessPaths(tree))).toEqual({ lost: [], gained: [] });
  });
});
