import { clearStore, storeUsage } from '../store/recordStore.js';
import { cacheSettings } from './answerStore.js';
import type { GivenOptions } from './commandLine.js';
import { countText } from '../explain/counts.js';

/** What `kvm-regs cache` prints: where answers are kept, and how much of them; `--clear` empties it before. */
export function cacheReport(options: GivenOptions): string[] {
  const { directory, limit } = cacheSettings();
  if (directory !== null && options.has('clear')) clearStore(directory);
  const { records, bytes } = directory === null ? { records: 0, bytes: 0 } : storeUsage(directory);
  if (options.has('json')) return JSON.stringify({ schema: 1, directory, records, bytes, limit }, null, 1).split('\n');
  if (directory === null) return ['no cache: the environment names no directory for it'];
  const size = `${countText(records, 'record')}, ${megabytes(bytes)} of at most ${megabytes(limit)}`;
  return [directory, limit === 0 ? `${size}: nothing is kept` : size];
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(bytes % 1_000_000 === 0 ? 0 : 1)} MB`;
}
