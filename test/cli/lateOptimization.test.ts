import { execFileSync } from 'node:child_process';
import process from 'node:process';
import { expect, it } from 'vitest';
import { LATE_OPTIMIZATION, v8Version } from '../../server/src/cli/lateOptimization.js';

const flag = LATE_OPTIMIZATION[v8Version()];

it.runIf(flag !== undefined)("is eight times V8's own number", () => {
  const [name = '', value] = flag?.split('=') ?? [];
  const options = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8', maxBuffer: 1e7 });
  const usual = new RegExp(`^  ${name} \\(.*\\n.*default: ${name}=(\\d+)`, 'm').exec(options)?.[1];
  expect(Number(value)).toBe(8 * Number(usual));
});
