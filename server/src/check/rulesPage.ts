import type { Rule, RuleFamily } from './finding.js';

const HEAD = `# What \`kvm-regs check\` looks for

In an editor a finding is a diagnostic, of any file of an open tree. Those on APX readiness are shown where the tree moves R16-R31 already, and where the setting
\`kvmRegs.check.apxReadiness\` asks for them. The setting \`kvmRegs.check.severity\` shows a rule or a family otherwise, or not at all; a comment
\`kvm-regs-ignore: RULE\` on a finding's line or the one before silences it there. \`kvm-regs check\` exits with 1 when a tracking rule finds something, and with 3, judging no tracking, when a part of the tree could not be read.

This page is what \`kvm-regs rules\` prints.
`;

const FAMILIES: Readonly<Record<RuleFamily, string>> = {
  tracking: `## Tracking

Mistakes in keeping the register cache, hardware and their states (available, dirty) together. Kernels that are right have no findings: what Linux 5.10, 6.1, 6.12
and 7.2 do is never reported.
`,
  apx: `## APX readiness

Each place that holds fewer than the 32 general-purpose registers of Intel APX. Not mistakes: the list of what a series that gives guests R16-R31
has to look at.
`,
};

/** The page of the rules, in Markdown. */
export function rulesPage(rules: readonly Rule[]): string {
  const families = (['tracking', 'apx'] as const).map((family) =>
    [FAMILIES[family], ...rules.filter((rule) => rule.family === family).map(ruleSection)].join('\n'),
  );
  return [HEAD, ...families].join('\n');
}

function ruleSection({ id, severity, title, why, exemptions }: Rule): string {
  const list = exemptions.map((exemption) => `- ${exemption}\n`).join('');
  return `### ${id}\n\n${title} Shown as: ${severity}.\n\n${why}\n${list === '' ? '' : `\nNot reported:\n\n${list}`}`;
}
