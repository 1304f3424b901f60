import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const directory = fileURLToPath(new URL('../samples/', import.meta.url));

/** Absolute path of a sample tree, `samplePath('inline-asm')`. */
export function samplePath(name: string): string {
  return directory + name;
}

/** The names of all sample trees. */
export function sampleNames(): readonly string[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}
