import { commands, TabInputText, window, workspace, type Uri } from 'vscode';
import { isInTree } from './documentTree.js';
import type { Sample } from './sample.js';

/**
 * A file or a folder of the tree that a command about a whole tree is of: the active editor's, else the window's, else the sample
 * where the user takes it. Null where there is none.
 */
export async function chosenTree(sample: Sample): Promise<Uri | null> {
  return treeOfWindow() ?? (await offerTree(sample));
}

/** A file or a folder of the tree that the window shows; null for none. */
export function treeOfWindow(): Uri | null {
  const active = window.activeTextEditor?.document.uri;
  if (active !== undefined && isInTree(active)) return active;
  const folder = workspace.workspaceFolders?.find(({ uri }) => isInTree(uri));
  return folder?.uri ?? filesInTabs().find(isInTree) ?? null;
}

/** The files that the window has tabs of. VS Code keeps a document for a while after its tab was closed. */
function filesInTabs(): Uri[] {
  const tabs = window.tabGroups.all.flatMap((group) => group.tabs);
  return tabs.flatMap(({ input }) => (input instanceof TabInputText ? [input.uri] : []));
}

const openFolder = 'Open Kernel Folder...';
const openSample = 'Open Sample';

/** Says what to do where there is no tree. Gives the sample's when that is opened; a kernel's folder is another window. */
export async function offerTree(sample: Sample): Promise<Uri | null> {
  const text = 'KVM Register Lens reads a Linux kernel tree, and there is none here: no arch/x86/kvm.';
  const answer = await window.showInformationMessage(text, openFolder, openSample);
  if (answer === openFolder) await commands.executeCommand('vscode.openFolder');
  if (answer !== openSample) return null;
  await sample.open();
  return sample.root;
}
