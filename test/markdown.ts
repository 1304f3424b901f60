import markdownIt from 'markdown-it';

/** As freely as any reader of our Markdown reads it: with HTML, and addresses that become links by themselves. */
const reader = markdownIt({ html: true, linkify: true });

type Token = ReturnType<typeof reader.parse>[number];

/** What is not plain text in a Markdown text. */
export interface MarkdownParts {
  /** Where links and images lead. */
  readonly targets: readonly string[];
  readonly images: number;
  /** The text of each heading. */
  readonly headings: readonly string[];
  /** HTML as it stands there. */
  readonly html: readonly string[];
  /** All that a reader sees, code included. */
  readonly text: string;
}

/** A Markdown text as a reader (markdown-it, that of VS Code's preview) takes it. */
export function markdownParts(markdown: string): MarkdownParts {
  const blocks = reader.parse(markdown, {});
  const all = blocks.flatMap((block) => [block, ...(block.children ?? [])]);
  return {
    targets: all.flatMap((token) => [token.attrGet('href') ?? [], token.attrGet('src') ?? []].flat()),
    images: all.filter(({ type }) => type === 'image').length,
    headings: blocks.flatMap((block, i) =>
      block.type === 'heading_open' ? [seen(blocks[i + 1]?.children ?? [])] : [],
    ),
    html: all.filter(({ type }) => type.startsWith('html_')).map(({ content }) => content),
    text: seen(all),
  };
}

function seen(tokens: readonly Token[]): string {
  const shown = ['text', 'text_special', 'code_inline', 'fence', 'code_block'];
  return tokens.flatMap(({ type, content }) => (shown.includes(type) ? [content] : [])).join('');
}
