import {
  shortPath,
  type Evidence,
  type Explanation,
  type OwnerLine,
  type Phrase,
  type Statement,
} from '../explain/explanation.js';
import type { Details } from '../explain/explainDetails.js';
import { codeMarkdown, escapeMarkdown } from '../explain/markdownText.js';
import { uriOf } from './positions.js';

/** What a link to a line of a tree's file is written as. */
export type LinkTarget = (evidence: Evidence) => string;

/** Links by the file's URI, for what is read where the tree's root is not known. */
export function uriTarget(root: string): LinkTarget {
  return ({ file, line }) => linkTarget(`${uriOf(root, file)}#L${String(line)}`);
}

/** Links relative to the tree's root, for pages: VS Code renders no `file:` links in Markdown. */
export const relativeTarget: LinkTarget = ({ file, line }) =>
  linkTarget(`${file.split('/').map(encodeURIComponent).join('/')}#L${String(line)}`);

/** An explanation as Markdown: the answer, a line for each backend, then notes; evidence as links to the tree's files. */
export function explanationMarkdown(explanation: Explanation, target: LinkTarget): string {
  const answer = statementMarkdown(explanation.answer, target);
  const owners = explanation.owners.map((owner) => `- ${ownerMarkdown(owner, target)}`);
  const notes = explanation.notes.map((note) => statementMarkdown(note, target));
  return [answer, ...(owners.length > 0 ? ['', ...owners] : []), ...notes.flatMap((note) => ['', note])].join('\n');
}

/** The lists behind an explanation as Markdown, a section each, with its heading. */
export function detailsMarkdown({ owners, sections }: Details, target: LinkTarget): string[] {
  const list = (title: string, items: readonly string[]) => [
    `## ${escapeMarkdown(title)}`,
    items.map((item) => `- ${item}`).join('\n'),
  ];
  return [
    ...(owners.length > 0
      ? list(
          'Owners, with all conditions',
          owners.map((owner) => ownerMarkdown(owner, target)),
        )
      : []),
    ...sections.flatMap(({ title, statements }) =>
      list(
        title,
        statements.map((one) => statementMarkdown(one, target)),
      ),
    ),
  ];
}

function ownerMarkdown(owner: OwnerLine, target: LinkTarget): string {
  const when = owner.when === null ? '' : ` if ${codeMarkdown(owner.when)}`;
  const steps = owner.steps.map((step) => `; ${statementMarkdown(step, target)}`).join('');
  return `**${escapeMarkdown(owner.title)}**${when}: ${phrasesMarkdown(owner.kept)}${steps}`;
}

function statementMarkdown(statement: Statement, target: LinkTarget): string {
  const links = statement.evidence.map((evidence) => evidenceLink(evidence, target)).join(', ');
  return phrasesMarkdown(statement.phrases) + (links === '' ? '' : ` ${links}`);
}

/** A link to a line of a tree's file, by its short path. */
export function evidenceLink({ file, line }: Evidence, target: LinkTarget): string {
  return `[${escapeMarkdown(shortPath(file))}:${String(line)}](${target({ file, line })})`;
}

/**
 * What makes each `[vmx/vmx.c:2631]` of a Markdown text a link to the tree's file: link reference definitions, to stand behind it.
 * @param paths the tree's files; a short path that two of them have stays text
 */
export function evidenceDefinitions(markdown: string, paths: readonly string[], target: LinkTarget): string {
  const written = [...new Set(markdown.match(/(?<=\[)[^\s[\]:]+\.[chS]:\d+(?=\])/g) ?? [])];
  const definitions = written.flatMap((evidence) => {
    const [short, line] = evidence.split(':');
    const [file, ...others] = paths.filter((path) => shortPath(path) === short);
    if (file === undefined || others.length > 0) return [];
    return [`[${evidence}]: ${target({ file, line: Number(line) })}`];
  });
  return definitions.join('\n');
}

function phrasesMarkdown(phrases: readonly Phrase[]): string {
  return phrases
    .map((phrase) => {
      if (typeof phrase === 'string') return escapeMarkdown(phrase);
      return 'code' in phrase ? codeMarkdown(phrase.code) : `**${escapeMarkdown(phrase.strong)}**`;
    })
    .join('');
}

/** A URI with what would end a Markdown link encoded. */
export function linkTarget(uri: string): string {
  return uri.replaceAll('(', '%28').replaceAll(')', '%29');
}
