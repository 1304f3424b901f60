import { DiagnosticSeverity } from 'vscode-languageserver';
import type { Rule } from '../../check/finding.js';
import { movesEgprs } from '../../model/query/egprs.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { isRecord } from '../isRecord.js';
import { settingIn, type Setting } from '../settings.js';

/** How a finding can be shown. */
const SEVERITIES: Readonly<Record<string, DiagnosticSeverity | null>> = {
  off: null,
  hint: DiagnosticSeverity.Hint,
  info: DiagnosticSeverity.Information,
  warning: DiagnosticSeverity.Warning,
  error: DiagnosticSeverity.Error,
};

/** Rule or family -> how the user wants its findings shown. */
export const SEVERITY: Setting<Readonly<Record<string, string>>> = {
  key: 'check.severity',
  schema: { type: 'object', additionalProperties: { type: 'string', enum: Object.keys(SEVERITIES) } },
  default: {},
  description:
    'How findings are shown, by family or by rule: `{ "apx": "hint", "tracking/stale-read": "off" }`; a rule goes before its family. The rules: `kvm-regs rules`.',
  read: (given) => {
    if (!isRecord(given)) return null;
    const known = Object.entries(given).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string' && Object.hasOwn(SEVERITIES, entry[1]),
    );
    return Object.fromEntries(known);
  },
};

const READINESS = ['auto', 'on', 'off'];

/** Whether findings on APX readiness are shown: they are work to do in a series on APX, and no mistakes of any other code. */
export const APX_READINESS: Setting<string> = {
  key: 'check.apxReadiness',
  schema: { type: 'string', enum: READINESS },
  default: 'auto',
  description:
    'Whether places that hold fewer than the 32 general-purpose registers of Intel APX are diagnostics: `auto`, in a tree that moves R16-R31. *Show APX Readiness* turns it on.',
  read: (given) => (typeof given === 'string' && READINESS.includes(given) ? given : null),
};

/** How a rule's findings in a tree are shown: as {@link SEVERITY} says, else the rule itself; null for not at all. */
export function severityOf(rule: Rule, model: RegisterModel, settings: unknown): DiagnosticSeverity | null {
  const wanted = settingIn(settings, SEVERITY);
  const own = rule.family === 'apx' && !isReadinessShown(model, settings) ? 'off' : rule.severity;
  return SEVERITIES[wanted[rule.id] ?? wanted[rule.family] ?? own] ?? null;
}

function isReadinessShown(model: RegisterModel, settings: unknown): boolean {
  const readiness = settingIn(settings, APX_READINESS);
  return readiness === 'on' || (readiness === 'auto' && movesEgprs(model));
}
