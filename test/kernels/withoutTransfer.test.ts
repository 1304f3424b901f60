import { expect, it } from 'vitest';
import { treeReading } from '../../server/src/model/readTree.js';
import { parser, treeAt } from '../engine.js';
import { describeKernels } from '../kernels.js';
import { difference, transferLines } from './mapLines.js';
import { batchesOf, transferSites, type TransferSite } from './transferSites.js';
import { changedTree } from './treeChanges.js';

/** How many transfers an older kernel has at least: 5.10 has no SEV-ES. */
const LEAST: Readonly<Record<string, number>> = { '5.10': 120 };

describeKernels('the map follows the source', (kernel) => {
  it('where it is without any one of the transfers', async () => {
    const tree = treeAt(kernel.root);
    const read = treeReading(await parser());
    const model = read(tree);
    const sites = transferSites(model);
    expect(sites.length).toBeGreaterThan(LEAST[kernel.version] ?? 150);
    const isTold = ({ text, registers }: TransferSite) => registers.some((name) => mentions(text, name));
    expect(sites.flatMap((site) => (isTold(site) ? [] : site.text))).toEqual([]);
    for (const batch of batchesOf(sites, 4)) {
      const after = read(
        changedTree(
          tree,
          batch.map(({ removal }) => removal),
        ),
      );
      const { lost, gained } = difference(transferLines(model), transferLines(after));
      expect(gained).toEqual([]);
      expect(lost).toEqual(batch.flatMap(({ lines }) => lines).sort());
    }
  });
});

/** Whether a piece of source names a register, in hardware's or KVM's way: `%_ASM_AX`, `kvm_eax_write`, `save->cs`. */
function mentions(text: string, register: string): boolean {
  if (register === 'SEGMENTS') return /seg|sf->|save(?:01)?->\w\w|save\.[c-gs]s\.|_BASE/.test(text);
  // A write trap has the new value in the exit information.
  if (/^CR\d$/.test(register) && text.includes('exit_info_1')) return true;
  return text.toUpperCase().includes(register.replace(/^R(?=..$)/, ''));
}
