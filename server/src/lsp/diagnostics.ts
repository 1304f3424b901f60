import { DiagnosticSeverity, type Diagnostic } from 'vscode-languageserver';
import { checkTree } from '../check/checkTree.js';
import type { Rule } from '../check/finding.js';
import { RULES } from '../check/rules.js';
import type { RegisterModel } from '../model/registerModel.js';
import { memoizeByIdentity } from '../cache/memoize.js';
import type { AnswerOptions } from './answers.js';
import { locationsOf, rangeOf } from './positions.js';
import type { Place } from './workspace.js';

/** Whose our diagnostics are, as the client shows it. */
export const SOURCE = 'kvm-regs';

/** Findings are of the whole tree: made once for each model, however many of its files are open. */
const findingsOf = memoizeByIdentity((model: RegisterModel) => checkTree(model, RULES));

/** What `kvm-regs check` finds in a file, as textDocument/publishDiagnostics says it. `docs`: the URI of the rules' page. */
export function diagnostics({ model, path }: Place, docs: string, options: AnswerOptions): Diagnostic[] {
  const source = model.files.get(path)?.source;
  if (!source) return [];
  return findingsOf(model)
    .filter((finding) => finding.file === path)
    .flatMap((finding): Diagnostic[] => {
      const rule = RULES.find(({ id }) => id === finding.rule);
      const severity = rule && severityOf(rule, options);
      if (!rule || severity === null || severity === undefined) return [];
      const { message, related } = finding;
      const range = rangeOf(source, finding.span, options.encoding);
      const shown: Diagnostic = {
        range,
        severity,
        source: SOURCE,
        code: rule.id,
        codeDescription: { href: `${docs}#${ruleAnchor(rule.id)}` },
        message,
      };
      if (!options.hasRelatedInformation) return [shown];
      const relatedInformation = related.flatMap(({ file, span, message: what }) =>
        locationsOf(model, [{ file, ...span }], options.encoding).map((location) => ({ location, message: what })),
      );
      return [{ ...shown, relatedInformation }];
    });
}

/** The heading of a rule on the rules' page, as Markdown readers make its anchor. */
function ruleAnchor(id: string): string {
  return id.replace('/', '');
}

const SEVERITIES: Readonly<Record<string, DiagnosticSeverity | null>> = {
  off: null,
  hint: DiagnosticSeverity.Hint,
  info: DiagnosticSeverity.Information,
  warning: DiagnosticSeverity.Warning,
  error: DiagnosticSeverity.Error,
};

/** How a rule's findings are shown: as the user's settings say, else the rule itself; null for not at all. */
function severityOf(rule: Rule, { severities }: AnswerOptions): DiagnosticSeverity | null {
  const own = severities[rule.id] ?? severities[rule.family] ?? rule.severity;
  return SEVERITIES[own] ?? null;
}
