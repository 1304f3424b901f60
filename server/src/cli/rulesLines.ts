import { RULES } from '../check/rules.js';
import { rulesPage } from '../check/rulesPage.js';

/** What `kvm-regs rules` prints. */
export function rulesLines(): string[] {
  return rulesPage(RULES).trimEnd().split('\n');
}
