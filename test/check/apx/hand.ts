import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A line of a list that was written by hand. */
export interface Listed {
  /** `arch/x86/kvm/smm.c:234` */
  readonly place: string;
  /** `apx/bound`; null for a place that no rule may report. */
  readonly rule: string | null;
}

/** Reads `7.2.txt`: sites with their rules, then those that only look alike. */
export function handList(kernel: string): Listed[] {
  const text = readFileSync(fileURLToPath(new URL(`${kernel}.txt`, import.meta.url)), 'utf8');
  return text.split('\n').flatMap((line): Listed[] => {
    const [, place, rule] = /^([\w./-]+:\d+)\s+(apx\/[\w-]+)?/.exec(line) ?? [];
    return place === undefined ? [] : [{ place, rule: rule ?? null }];
  });
}
