// The page that VS Code shows of the extension: docs/extension.md, with its pictures in it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup.mjs';

/** The page's text. Pictures are `data:` URIs: VS Code loads nothing else of a package that it has from a file. */
export function extensionPage() {
  const page = readFileSync(join(root, 'docs/extension.md'), 'utf8');
  return page.replace(/(!\[[^\]]*\])\(([^)]+\.png)\)/g, (_, title, path) => {
    const picture = readFileSync(join(root, 'docs', path)).toString('base64');
    return `${title}(data:image/png;base64,${picture})`;
  });
}
