import { fileURLToPath } from 'node:url';

/** The directory of emulate.py and of the headers that world switches are compiled with; the same from a bundle in out/. */
export const EMULATOR_FILES = fileURLToPath(new URL('../test/emulator/', import.meta.url));
