import { BACKENDS, CACHE, type SettingSchema } from '../settings.js';
import { codeAction } from './codeAction.js';
import { codeLens, codeLensResolve } from './codeLens.js';
import { declaration, definition } from './definition.js';
import { diagnostics } from './diagnostics.js';
import { documentSymbol } from './documentSymbol.js';
import { documentHighlight } from './documentHighlight.js';
import { explain } from './explain.js';
import type { Feature } from './feature.js';
import { foldingRange } from './foldingRange.js';
import { hover } from './hover.js';
import { implementation } from './implementation.js';
import { inlayHint } from './inlayHint.js';
import { owners } from './owners.js';
import { references } from './references.js';
import { register } from './register.js';
import { registerPlaces } from './registerPlaces.js';
import { mapPage, mapRun, mapSection } from './registerMap.js';
import { registerList, registerUses } from './registerTree.js';
import { showLocation } from './showLocation.js';
import { treePage } from './treePage.js';
import { workspaceSymbol } from './workspaceSymbol.js';

/** All that the server does for its client. */
export const FEATURES: readonly Feature[] = [
  hover,
  codeLens,
  codeLensResolve,
  inlayHint,
  definition,
  declaration,
  implementation,
  references,
  documentHighlight,
  documentSymbol,
  foldingRange,
  workspaceSymbol,
  diagnostics,
  codeAction,
  showLocation,
  explain,
  owners,
  register,
  registerPlaces,
  treePage,
  mapPage,
  mapSection,
  mapRun,
  registerList,
  registerUses,
];

/** Every setting of section `kvmRegs` that the server reads, in the order of docs/settings.md. */
export const SETTINGS: readonly SettingSchema[] = [
  ...new Set([...FEATURES.flatMap(({ settings }) => settings), BACKENDS, CACHE]),
];
