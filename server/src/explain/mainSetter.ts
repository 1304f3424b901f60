import type { Transfer } from '../backends/transfer.js';
import { groupBy } from '../model/groupBy.js';

/** Of transfers by which KVM sets hardware's copy, the first of the function that has the most: `__vmx_set_segment`, not the MSR of one segment's base. */
export function mainSetter(stores: readonly Transfer[]): Transfer | undefined {
  const setting = stores.filter(({ phase }) => phase === 'set');
  const byFunction = [...groupBy(setting, ({ file, function: name }) => `${file} ${name}`).values()];
  const most = byFunction.reduce<readonly Transfer[]>((best, some) => (some.length > best.length ? some : best), []);
  return most[0];
}
