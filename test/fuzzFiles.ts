import { fileURLToPath } from 'node:url';

/** The directory of headers that samples are compiled with; the same from a bundle in out/. */
export const FUZZ_HEADERS = fileURLToPath(new URL('../test/fuzz/include/', import.meta.url));
