import { commands, window, type QuickPickItem } from 'vscode';
import type { CommandId } from './commandIds.js';

/** A command in the menu. */
interface MenuItem extends QuickPickItem {
  readonly id: CommandId;
}

const items: readonly MenuItem[] = [
  { id: 'kvmRegs.showRegisterMap', label: '$(table) Show Register Map' },
  { id: 'kvmRegs.showXsave', label: '$(layers) Show XSAVE State' },
  { id: 'kvmRegs.check', label: '$(checklist) Check Tree' },
  { id: 'kvmRegs.showLog', label: '$(output) Show Log' },
  { id: 'kvmRegs.restart', label: '$(debug-restart) Restart Language Server' },
  { id: 'kvmRegs.openWalkthrough', label: '$(mortar-board) Open Walkthrough' },
];

/** Asks which of the commands about a tree to run, and runs it. `status`: what is known of the tree, in lines, of which four have room. */
export async function showMenu(status: readonly string[]): Promise<boolean> {
  const [first = '', ...more] = status;
  const options = { title: `KVM Register Lens. ${first}`, placeHolder: more.slice(0, 3).join(' · ') };
  const picked = await window.showQuickPick(items, options);
  if (picked === undefined) return false;
  await commands.executeCommand(picked.id);
  return true;
}
