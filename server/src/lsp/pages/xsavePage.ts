import type { Page } from '../../../../protocol/protocol.js';
import { xsaveMarkdown } from '../../explain/xsave/xsaveMarkdown.js';
import { pathsOf } from '../../model/query/text.js';
import type { TreeModel } from '../engine/trees.js';
import { evidenceDefinitions, relativeTarget } from '../markdown.js';
import { directoryUri } from '../positions.js';

/** What `kvm-regs xsave --markdown` prints, with its evidence as links. */
export function xsavePage({ model, root }: TreeModel): Page {
  const text = xsaveMarkdown(model).join('\n');
  return {
    title: 'XSAVE State',
    root: directoryUri(root),
    markdown: `${text}\n\n${evidenceDefinitions(text, pathsOf(model), relativeTarget)}\n`,
  };
}
