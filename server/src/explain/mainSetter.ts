import type { Transfer } from '../backends/transfer.js';
import { groupBy } from '../model/groupBy.js';

/**
 * Of transfers by which KVM sets hardware's copy, the first of the function that has the most: `__vmx_set_segment`, not the MSR of one
 * segment's base. Of several, the one that is given the value: `svm_set_cr0`, not what it calls to mix in bits of KVM's copy.
 */
export function mainSetter(stores: readonly Transfer[]): Transfer | undefined {
  const setting = stores.filter(({ phase }) => phase === 'set');
  const byFunction = [...groupBy(setting, ({ file, function: name }) => `${file} ${name}`).values()];
  const most = Math.max(...byFunction.map((some) => some.length));
  const main = byFunction.filter((some) => some.length === most);
  return (main.find(([first]) => first?.from === null) ?? main[0])?.[0];
}
