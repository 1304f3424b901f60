import { beforeAll, describe, expect, it } from 'vitest';
import { checkTree, unjudged } from '../../../server/src/check/checkTree.js';
import { TRACKING_RULES } from '../../../server/src/check/tracking/trackingRules.js';
import { treeReading, type TreeReading, type TreeText } from '../../../server/src/model/readTree.js';
import { parser, treeAt } from '../../engine.js';
import { samplePath } from '../../samples.js';

/** The files of the sample that declare what the rules look for, or use it, with how many positions of each are tried: every nth. */
const FILES: readonly (readonly [path: string, every: number])[] = [
  ['arch/x86/include/asm/kvm_host.h', 5],
  ['arch/x86/include/asm/kvm_vcpu_regs.h', 2],
  ['arch/x86/kvm/regs.h', 7],
  ['arch/x86/kvm/vmx/vmx.h', 4],
  ['arch/x86/kvm/vmx/vmx.c', 11],
  ['arch/x86/kvm/svm/svm.c', 11],
];

describe('code that is half typed', () => {
  let tree: TreeText;
  let read: TreeReading;
  beforeAll(async () => {
    tree = treeAt(samplePath('load-store-regs'));
    read = treeReading(await parser());
  });

  const withText = (path: string, text: string): TreeText => ({
    ...tree,
    files: tree.files.map((file) => (file.path === path ? { path, text } : file)),
  });
  const textOf = (path: string) => tree.files.find((file) => file.path === path)?.text ?? '';
  const findingsOf = (changed: TreeText) => checkTree(read(changed), TRACKING_RULES).map(({ message }) => message);

  it.each(FILES)(
    'brings no finding for a bracket, a comma or a semicolon that is missing in %s',
    (path, every) => {
      const text = textOf(path);
      const positions = Array.from(text.matchAll(/[{}();,]/g), ({ index }) => index).filter((_, i) => i % every === 0);
      expect(positions.length).toBeGreaterThan(5);
      const invented = positions.flatMap((at) => {
        const found = findingsOf(withText(path, text.slice(0, at) + text.slice(at + 1)));
        // `return` without its semicolon returns what the next line calls: C, and what it says.
        const isMeant = text.slice(0, at).endsWith('return');
        return found.length > 0 && !isMeant
          ? `${path}:${String(text.slice(0, at).split('\n').length)} ${found.join()}`
          : [];
      });
      expect(invented).toEqual([]);
    },
    60_000,
  );

  it('brings none while a merge conflict is not resolved, and says where it is', () => {
    const path = 'arch/x86/kvm/regs.h';
    const text = textOf(path);
    const start = text.indexOf('static inline void kvm_register_mark_dirty');
    const end = text.indexOf('\n}\n', start) + 3;
    const fn = text.slice(start, end);
    const conflict = `<<<<<<< HEAD\n${fn}=======\n${fn}>>>>>>> branch\n`;
    const model = read(withText(path, text.slice(0, start) + conflict + text.slice(end)));
    expect(checkTree(model, TRACKING_RULES)).toEqual([]);
    expect(unjudged(model).map(({ message }) => message)).toContain(
      'a merge conflict is not resolved here: both sides are read',
    );
  });

  it('says of an enumerator whose value is not understood that it is not known', () => {
    const path = 'arch/x86/include/asm/kvm_host.h';
    const model = read(withText(path, textOf(path).replace('VCPU_REGS_R8 = 8,', 'VCPU_REGS_R8 = FIRST_OF(8),')));
    expect(checkTree(model, TRACKING_RULES)).toEqual([]);
    expect(unjudged(model).map(({ message }) => message)).toContain('the value of VCPU_REGS_R8 is not known');
  });

  it('says that a struct is defined twice', () => {
    const path = 'arch/x86/kvm/vmx/vmx.h';
    const model = read(withText(path, `${textOf(path)}\nstruct kvm_vcpu_arch {\n\tint other;\n};\n`));
    expect(checkTree(model, TRACKING_RULES)).toEqual([]);
    expect(unjudged(model).map(({ message }) => message)).toEqual([
      'a second struct kvm_vcpu_arch; the one in arch/x86/include/asm/kvm_host.h is used',
    ]);
  });

  it('is judged again when it is whole', () => {
    const path = 'arch/x86/kvm/vmx/vmx.c';
    const broken = textOf(path).replace('kvm_clear_available_registers(vcpu, VMX_REGS_LAZY_LOAD_SET);', ';');
    expect(findingsOf(withText(path, broken)).length).toBeGreaterThan(0);
    expect(
      findingsOf(withText(path, `${broken}\nstatic void f(struct kvm_vcpu *vcpu)\n{\n\tkvm_rip_read(vcpu;\n}\n`)),
    ).toEqual([]);
  });
});
