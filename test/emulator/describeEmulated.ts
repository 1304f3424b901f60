import process from 'node:process';
import { describe, it } from 'vitest';
import { lackingTools } from './emulator.js';

/** Tests that run world switches; one skipped test that says why where the emulator or the compiler is missing. */
export function describeEmulated(title: string, tests: () => void): void {
  const missing = lackingTools().join(', ');
  // An error where KVM_E2E_REQUIRED says that it must be there.
  if (missing !== '' && process.env['KVM_E2E_REQUIRED'])
    throw new Error(`${missing} missing, and KVM_E2E_REQUIRED is set`);
  describe.skipIf(missing !== '')(title, () => {
    if (missing !== '') it(`needs ${missing}`, () => undefined);
    else tests();
  });
}
