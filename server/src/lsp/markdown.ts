import {
  shortPath,
  type Evidence,
  type Explanation,
  type OwnerLine,
  type Phrase,
  type Statement,
} from '../explain/explanation.js';
import { uriOf } from './positions.js';

/** Lines of a hover at the most, so that it fits a screen. */
const MOST_LINES = 15;

/** An explanation as Markdown: the answer, a line for each backend, then notes; evidence as links to the tree's files. */
export function explanationMarkdown(explanation: Explanation, root: string): string {
  const answer = statementMarkdown(explanation.answer, root);
  const owners = explanation.owners.map((owner) => `- ${ownerMarkdown(owner, root)}`);
  const notes = explanation.notes.map((note) => statementMarkdown(note, root));
  const lines = [answer, ...(owners.length > 0 ? ['', ...owners] : []), ...notes.flatMap((note) => ['', note])];
  return lines.slice(0, MOST_LINES).join('\n');
}

function ownerMarkdown(owner: OwnerLine, root: string): string {
  const when = owner.when === null ? '' : ` if ${codeMarkdown(owner.when)}`;
  const steps = owner.steps.map((step) => `; ${statementMarkdown(step, root)}`).join('');
  return `**${escapeMarkdown(owner.title)}**${when}: ${phrasesMarkdown(owner.kept)}${steps}`;
}

function statementMarkdown(statement: Statement, root: string): string {
  const links = statement.evidence.map((evidence) => link(evidence, root)).join(', ');
  return phrasesMarkdown(statement.phrases) + (links === '' ? '' : ` ${links}`);
}

function link({ file, line }: Evidence, root: string): string {
  const target = linkTarget(`${uriOf(root, file)}#L${String(line)}`);
  return `[${escapeMarkdown(shortPath(file))}:${String(line)}](${target})`;
}

function phrasesMarkdown(phrases: readonly Phrase[]): string {
  return phrases
    .map((phrase) => {
      if (typeof phrase === 'string') return escapeMarkdown(phrase);
      return 'code' in phrase ? codeMarkdown(phrase.code) : `**${escapeMarkdown(phrase.strong)}**`;
    })
    .join('');
}

/** Source text between backticks that it does not hold itself. */
function codeMarkdown(text: string): string {
  const ticks = '`'.repeat(Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length)) + 1);
  return ticks.length === 1 ? `\`${text}\`` : `${ticks} ${text} ${ticks}`;
}

/** A URI with what would end a Markdown link encoded. */
export function linkTarget(uri: string): string {
  return uri.replaceAll('(', '%28').replaceAll(')', '%29');
}

/** Text with Markdown's marks made plain. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]<>|~]/g, '\\$&');
}
