import { pathToFileURL } from 'node:url';
import type { FileSystemWatcher } from 'vscode-languageserver';
import { relevance } from '../tree/relevantDirectories.js';

/** The patterns by which a client watches a tree: its own directories, nothing of the rest of a kernel. */
export function watchersOf(root: string, hasRelativePatterns: boolean): FileSystemWatcher[] {
  const directories = new Set(relevance.map((entry) => entry.directory));
  return [...directories].map((directory) => {
    const pattern = `${directory === '' ? '' : `${directory}/`}**/*.{c,h,S}`;
    return {
      globPattern: hasRelativePatterns ? { baseUri: pathToFileURL(root).toString(), pattern } : `${root}/${pattern}`,
    };
  });
}
