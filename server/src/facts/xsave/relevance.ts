import type { OutlineItem } from '../../syntax/outline.js';
import {
  ARCH_FIELDS,
  FPU_MEMBERS,
  FPU_TYPES,
  HOST_VARIABLES,
  STATE_MSRS,
  USER_STRUCTS,
  XFD_MEMBERS,
} from './interfaces.js';

/** Words without which a function does nothing with XSAVE state. */
const STATE_WORDS: ReadonlySet<string> = new Set([
  ...ARCH_FIELDS.keys(),
  ...HOST_VARIABLES.keys(),
  ...FPU_MEMBERS.keys(),
  ...[...FPU_TYPES].filter((type) => type !== 'fpu'),
  ...STATE_MSRS.keys(),
  ...XFD_MEMBERS,
  ...[...USER_STRUCTS.keys()].filter((name) => name !== 'msr_data'),
  ...['xsetbv', 'xgetbv', 'wrpkru', 'rdpkru', 'write_pkru', 'read_pkru', 'fpu'],
  ...['supported_xcr0', 'supported_xss', 'kvm_host'],
]);

/** Whether a function may do something with XSAVE state. Told by its words alone. */
export function wantsXsave(item: OutlineItem): boolean {
  for (const word of item.words.keys()) if (STATE_WORDS.has(word)) return true;
  return false;
}
