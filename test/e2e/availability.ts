import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import process from 'node:process';
import { workbench } from '../../scripts/install-workbench.mjs';
import { hasKernel72 } from './kernel72.js';
import { chromiumPath } from './workbench.js';

const noKernel = 'no linux-7.2 among the kernels';

/** What is missing for a test with a real client, or null; an error when it is and `KVM_E2E_REQUIRED` is set. */
export function missingForNeovim(): string | null {
  return missing([hasKernel72() ? null : noKernel, spawnSync('nvim', ['--version']).error ? 'no nvim' : null]);
}

/** As {@link missingForNeovim}, for VS Code. */
export function missingForVsCode(): string | null {
  return missing([hasKernel72() ? null : noKernel, ...workbenchParts()]);
}

/** As {@link missingForVsCode}, for tests on the samples. */
export function missingForVsCodeOnSamples(): string | null {
  return missing(workbenchParts());
}

/** What a workbench lacks; null for each part that is there. */
function workbenchParts(): readonly (string | null)[] {
  return [
    existsSync(chromiumPath) ? null : `no ${chromiumPath}`,
    existsSync(workbench) ? null : 'no workbench: `npm run workbench` installs it',
  ];
}

function missing(reasons: readonly (string | null)[]): string | null {
  const found = reasons.filter((reason) => reason !== null).join('; ');
  if (found === '') return null;
  if (process.env['KVM_E2E_REQUIRED']) throw new Error(`${found}, and KVM_E2E_REQUIRED is set`);
  return found;
}
