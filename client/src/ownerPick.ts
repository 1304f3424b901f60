import { TextEditorRevealType, window, workspace, type Location, type QuickPickItem, type TextEditor } from 'vscode';
import type { RegisterOwner } from './api.js';

/** An owner in the list. */
interface OwnerItem extends QuickPickItem {
  readonly owner: RegisterOwner;
}

/**
 * The owner that the user picks, by backend; without a question where there is only one. Moving in the list shows the code
 * behind it; leaving it shows again what was there. Null when nothing is picked.
 */
export async function pickOwner(register: string, owners: readonly RegisterOwner[]): Promise<RegisterOwner | null> {
  if (owners.length < 2) return owners[0] ?? null;
  const restore = restorer(window.activeTextEditor);
  const picked = await ask(register, owners);
  if (picked === null) await restore();
  return picked;
}

function ask(register: string, owners: readonly RegisterOwner[]): Promise<RegisterOwner | null> {
  const pick = window.createQuickPick<OwnerItem>();
  pick.title = `${register}: where it comes from`;
  pick.placeholder = 'Which one?';
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  pick.items = owners.map(itemOf);
  return new Promise((resolve, reject) => {
    let previewed = Promise.resolve();
    const done = (owner: RegisterOwner | null) => {
      previewed.then(() => {
        resolve(owner);
      }, reject);
    };
    pick.onDidChangeActive(([item]) => {
      previewed = previewed.then(() => preview(item?.owner.locations[0]));
    });
    pick.onDidAccept(() => {
      done(pick.activeItems[0]?.owner ?? null);
      pick.hide();
    });
    pick.onDidHide(() => {
      done(null);
      pick.dispose();
    });
    pick.show();
  });
}

function itemOf(owner: RegisterOwner): OwnerItem {
  const [location] = owner.locations;
  const place =
    location === undefined
      ? '$(eye-closed)'
      : `${workspace.asRelativePath(location.uri)}:${location.range.start.line + 1}`;
  return { label: owner.label, description: place, detail: owner.detail, owner };
}

/** Shows a location while the list keeps the focus. A file that is gone can't be shown. */
async function preview(location: Location | undefined): Promise<void> {
  if (location === undefined) return;
  const options = { selection: location.range, preserveFocus: true, preview: true };
  await Promise.resolve(window.showTextDocument(location.uri, options)).catch(() => undefined);
}

/** Makes an editor show again what it shows now. */
function restorer(editor: TextEditor | undefined): () => Promise<void> {
  if (editor === undefined) return () => Promise.resolve();
  const { document, viewColumn, selection, visibleRanges } = editor;
  const [visible] = visibleRanges;
  return async () => {
    const shown = await window.showTextDocument(document, { ...(viewColumn && { viewColumn }), selection });
    if (visible !== undefined) shown.revealRange(visible, TextEditorRevealType.AtTop);
  };
}
