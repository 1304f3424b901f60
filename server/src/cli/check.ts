import type { Finding } from '../check/finding.js';
import { RULES } from '../check/rules.js';
import type { RegisterModel } from '../model/registerModel.js';
import { lineAt, locationAt } from '../syntax/sourceText.js';

/** Findings in the contract's form. */
export function checkJson(model: RegisterModel, findings: readonly Finding[]): object {
  return { schema: 1, findings: findings.map((finding) => findingJson(model, finding)) };
}

function findingJson(model: RegisterModel, finding: Finding): object {
  const rule = ruleOf(finding);
  const source = model.files.get(finding.file)?.source;
  return {
    rule: finding.rule,
    family: rule?.family,
    severity: rule?.severity,
    ...(source ? locationAt(source, finding.span.start) : { file: finding.file, line: 1, column: 1 }),
    message: finding.message,
    related: finding.related.flatMap(({ file, span, message }) => {
      const related = model.files.get(file)?.source;
      return related ? [{ file, line: lineAt(related, span.start), message }] : [];
    }),
  };
}

/** Findings as lines that editors jump from: `FILE:LINE:COLUMN: severity: message [rule]`. */
export function checkText(model: RegisterModel, findings: readonly Finding[]): string {
  return findings
    .map((finding) => {
      const source = model.files.get(finding.file)?.source;
      const at = source ? locationAt(source, finding.span.start) : { line: 1, column: 1 };
      return `${finding.file}:${String(at.line)}:${String(at.column)}: ${ruleOf(finding)?.severity ?? 'info'}: ${finding.message} [${finding.rule}]\n`;
    })
    .join('');
}

/** The rule that a finding is of. */
export function ruleOf(finding: Finding) {
  return RULES.find((rule) => rule.id === finding.rule);
}
