import { join } from 'node:path';
import { realDisk, type Disk } from './disk.js';
import { readSourceFile } from './readSourceFile.js';

/** The version that a tree's top Makefile states, "7.2.13" or "6.12.0-rc3", put together as that Makefile does; else null. */
export function kernelVersion(root: string, disk: Disk = realDisk): string | null {
  const makefile = readSourceFile(join(root, 'Makefile'), disk).text ?? '';
  const version = assignedValue(makefile, 'VERSION');
  if (version === '') return null;
  const numbers = [version];
  for (const name of ['PATCHLEVEL', 'SUBLEVEL']) {
    const number = assignedValue(makefile, name);
    if (number === '') break;
    numbers.push(number);
  }
  return numbers.join('.') + assignedValue(makefile, 'EXTRAVERSION');
}

function assignedValue(makefile: string, name: string): string {
  return new RegExp(`^${name}[ \\t]*:?=[ \\t]*([\\w.+~-]*)`, 'm').exec(makefile)?.[1] ?? '';
}
