import { countedWork, workGrowth } from './countedWork.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkTree } from '../server/src/check/checkTree.js';
import { RULES } from '../server/src/check/rules.js';
import { readTree } from '../server/src/model/readTree.js';
import type { CParser } from '../server/src/syntax/c/cTree.js';
import { tokenize } from '../server/src/syntax/text/tokens.js';
import { parser } from './engine.js';
import { CACHE } from './facts/fixture.js';
import { EXPLOSIVE_FILES, HOSTILE_FILES, type HostileFile } from './hostileFiles.js';

/** Between linear, 2, and quadratic, 4. */
const LINEAR = 2.8;

/** How much may be done for a file that stands for endlessly many lines: counts, as a kernel's file of 50,000 lines takes. */
const MOST = 100_000_000;

describe('what is done for a hostile file', () => {
  let c: CParser;
  beforeAll(async () => {
    c = await parser();
  });

  const read = ({ path, text }: HostileFile, length: number) => {
    const files = Object.entries({ ...CACHE, [path]: text(length) }).map(([name, content]) => ({
      path: name,
      text: content,
    }));
    checkTree(readTree(c, { root: '/tree', kernel: null, files, problems: [] }), RULES);
  };

  it.each(HOSTILE_FILES.map((file) => [file.name, file] as const))('grows as the file does: %s', (_, file) => {
    const growth = workGrowth((length) => {
      read(file, length);
    }, file.length);
    expect(growth).toBeLessThan(LINEAR);
  });

  it.each(EXPLOSIVE_FILES.map((file) => [file.name, file] as const))('has an end: %s', (_, file) => {
    const work = countedWork(() => {
      read(file, file.length);
    });
    expect(work).toBeLessThan(MOST);
  });

  it('is seen where it grows faster', () => {
    const quadratic = (n: number) => {
      for (let i = 0; i < n; i++) tokenize('a b '.repeat(i));
    };
    expect(workGrowth(quadratic, 50)).toBeGreaterThan(LINEAR);
  });
});
