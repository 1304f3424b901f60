import { CommandError } from './commandError.js';

/** Throws CommandError for a URL that no line can be put into, or that a page must not lead to. */
export function checkSourceUrl(url: string): void {
  if (!/^https?:\/\//.test(url) || !url.includes('{file}'))
    throw new CommandError('--source-url wants an http or https URL with {file} in it, and {line}');
}
