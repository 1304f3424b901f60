import { commands, ConfigurationTarget, Uri, workspace, type Extension } from 'vscode';
import { SECTION, type TreePageKind } from '../../protocol/protocol.js';
import type { PageView } from './pageView.js';
import { TreePageRequest } from './protocol.js';
import type { Sample } from './sample.js';
import type { ServerSession } from './serverSession.js';
import { chosenTree } from './treeChoice.js';

/** What commands about a whole tree work with. */
interface TreeCommandContext {
  readonly session: ServerSession;
  readonly pages: PageView;
  readonly sample: Sample;
}

/** Shows a page about the window's tree; whether there is one. */
export async function showTreePage(kind: TreePageKind, context: TreeCommandContext): Promise<boolean> {
  const tree = await chosenTree(context.sample);
  if (tree === null) return false;
  const client = await context.session.client();
  const uri = client.code2ProtocolConverter.asUri(tree);
  const page = await client.sendRequest(TreePageRequest, { kind, uri });
  if (page !== null) await context.pages.show(kind, page, 'here');
  return page !== null;
}

/** Shows APX readiness as a page, and from now on as diagnostics. */
export async function showReadiness(context: TreeCommandContext): Promise<boolean> {
  if (!(await showTreePage('apx', context))) return false;
  // For the user: what is a setting of the folder is a file in the kernel's tree.
  await workspace.getConfiguration(SECTION).update('check.apxReadiness', 'on', ConfigurationTarget.Global);
  return true;
}

/** Opens the extension's page as it is in the package. VS Code's own view of an extension asks the gallery first, and the network with it. */
export async function openDocumentation({ extensionUri }: Extension<unknown>): Promise<boolean> {
  await commands.executeCommand('markdown.showPreview', Uri.joinPath(extensionUri, 'docs/extension.md'));
  return true;
}
