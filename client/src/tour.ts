import { commands, Selection, window, type Location } from 'vscode';
import type { RegisterApi } from './api.js';
import type { Sample } from './sample.js';
import { treeOfWindow } from './treeChoice.js';

/** The register that the walkthrough is about: every kernel has it, and VMX leaves it in the VMCS until it is read. */
const register = 'RSP';

/** Shows the hover on a place where the register is brought into the cache; whether there is one. */
export async function showFirstHover(api: RegisterApi, sample: Sample): Promise<boolean> {
  const tree = treeOfWindow() ?? (await openedSample(sample));
  const owners = await api.owner(register, tree);
  const [place] = owners?.flatMap(({ locations }) => locations) ?? [];
  if (place === undefined) return false;
  await showAt(place);
  await commands.executeCommand('editor.action.showHover');
  return true;
}

/** Puts the cursor on a place where the register is named, from which its owner is elsewhere; whether there is one. */
export async function showFirstReference(api: RegisterApi, sample: Sample): Promise<boolean> {
  const tree = treeOfWindow() ?? (await openedSample(sample));
  const references = await api.references(register, tree);
  const [place] = references ?? [];
  if (place === undefined) return false;
  await showAt(place);
  return true;
}

async function openedSample(sample: Sample) {
  await sample.open();
  return sample.root;
}

async function showAt({ uri, range }: Location): Promise<void> {
  const editor = await window.showTextDocument(uri, { preview: false });
  editor.selection = new Selection(range.start, range.start);
  editor.revealRange(range);
}
