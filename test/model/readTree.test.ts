import { describe, expect, it } from 'vitest';
import { treeReading } from '../../server/src/model/readTree.js';
import { parser, treeAt } from '../engine.js';
import { countingParser } from '../parsingWork.js';
import { samplePath } from '../samples.js';

const VMX = 'arch/x86/kvm/vmx/vmx.c';
const KVM_HOST = 'arch/x86/include/asm/kvm_host.h';
const USE = '\nstatic void use_rsp(struct kvm_vcpu *vcpu)\n{\n\tkvm_rsp_write(vcpu, 0);\n}\n';

describe('a tree that is read again', () => {
  it('costs nothing as it was', async () => {
    const { before, again } = await parsedTexts(VMX, (text) => text);
    expect(before).toBeGreaterThan(100);
    expect(again).toBe(0);
  });

  it("costs nothing as it was when registers' numbers are asked for", async () => {
    const { c, work } = countingParser(await parser());
    const tree = treeAt(samplePath('load-store-regs'));
    const reading = treeReading(c);
    const numbers = reading(tree).numbers();
    const before = work().pieces;
    expect(reading(tree).numbers()).toEqual(numbers);
    expect(work().pieces).toBe(before);
  });

  it.each([
    ['nothing for a line in front of all others', VMX, (text: string) => `\n${text}`, 0],
    ['nothing for a line in front of all declarations', KVM_HOST, (text: string) => `\n${text}`, 0],
    ['that function for one behind all others', VMX, (text: string) => text + USE, 1],
    ['that function for one in front of all others', VMX, (text: string) => USE + text, 1],
    ['that function for one that is edited', VMX, (text: string) => text.replace('vmcs_readl(', 'vmcs_readl(1 + '), 1],
  ])('costs %s', async (_what, path, edit, parsed) => {
    const { again } = await parsedTexts(path, edit);
    expect(again).toBe(parsed);
  });
});

/** How many pieces of C a reading parsed of a sample, and the next of it with one file edited. */
async function parsedTexts(
  edited: string,
  edit: (text: string) => string,
): Promise<{ readonly before: number; readonly again: number }> {
  const { c, work } = countingParser(await parser());
  const tree = treeAt(samplePath('load-store-regs'));
  const reading = treeReading(c);
  reading(tree);
  const before = work().pieces;
  const files = tree.files.map(({ path, text }) => ({ path, text: path === edited ? edit(text) : text }));
  reading({ ...tree, files });
  return { before, again: work().pieces - before };
}
