import type { Request } from './commandLine.js';
import type { TreeCommand } from './commandTable.js';
import type { Layout } from './lines.js';

/** What a tree is asked, and what the answer is laid out for. */
export interface TreeRequest extends Request {
  readonly command: TreeCommand;
  readonly layout: Layout;
}
