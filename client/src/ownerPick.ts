import {
  QuickPickItemKind,
  TextEditorRevealType,
  window,
  type Location,
  type QuickPickItem,
  type TextEditor,
} from 'vscode';
import type { PlaceGroup } from '../../protocol/protocol.js';
import { placesOf } from './placeGroups.js';
import { withoutIcons } from './withoutIcons.js';

/** What is picked from: the groups of a register's places, by backend and, in each, by direction. */
export interface PickedFrom {
  readonly register: string;
  readonly groups: readonly PlaceGroup[];
}

/** A direction in the list, or all of a register; a separator has no group. */
interface GroupItem extends QuickPickItem {
  readonly group?: PlaceGroup;
}

/** How the places of a group are to be shown: where each is, for the editor. */
type LocationsOf = (group: PlaceGroup) => readonly Location[];

/**
 * The group that the user picks, below a heading for each backend; without a question where there is only one. `all`: whether all places
 * may be picked together. Moving in the list shows the code behind it; leaving it shows again what was there. Null when nothing is picked.
 */
export async function pickGroup(
  { register, groups }: PickedFrom,
  locationsOf: LocationsOf,
  { all }: { readonly all: boolean },
): Promise<PlaceGroup | null> {
  const items = groups.flatMap(groupItems);
  const groupsOf = items.flatMap(({ group }) => group ?? []);
  if (groupsOf.length < 2) return groupsOf[0] ?? null;
  const whole = { label: register, description: '', places: [], groups };
  const restore = restorer(window.activeTextEditor);
  const picked = await ask(register, all ? [groupItem('All of them', whole), ...items] : items, locationsOf);
  if (picked === null) await restore();
  return picked;
}

function ask(register: string, items: readonly GroupItem[], locationsOf: LocationsOf): Promise<PlaceGroup | null> {
  const pick = window.createQuickPick<GroupItem>();
  pick.title = `${register}: where it comes from and goes to`;
  pick.placeholder = 'Which one?';
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  pick.items = items;
  return new Promise((resolve, reject) => {
    let previewed = Promise.resolve();
    const done = (group: PlaceGroup | null) => {
      previewed.then(() => {
        resolve(group);
      }, reject);
    };
    pick.onDidChangeActive(([item]) => {
      previewed = previewed.then(() => preview(item?.group && locationsOf(item.group)[0]));
    });
    pick.onDidAccept(() => {
      done(pick.activeItems[0]?.group ?? null);
      pick.hide();
    });
    pick.onDidHide(() => {
      done(null);
      pick.dispose();
    });
    pick.show();
  });
}

/** A backend's heading, and below it an item for each direction. */
function groupItems(group: PlaceGroup): GroupItem[] {
  const heading = { label: group.label, kind: QuickPickItemKind.Separator };
  if (group.groups.length > 0) return [heading, ...group.groups.map((own) => groupItem(own.label, own))];
  return [heading, groupItem(group.places.length > 0 ? 'Moved' : 'No code of KVM moves it', group)];
}

/** Where the first of the places is, with its line; of a backend without code, why. */
function groupItem(label: string, group: PlaceGroup): GroupItem {
  const [first, ...others] = placesOf(group);
  if (first === undefined) {
    return { label, description: '$(eye-closed)', detail: withoutIcons(group.description), group };
  }
  const more = others.length === 0 ? '' : ` and ${String(others.length)} more`;
  return { label, description: withoutIcons(`${first.name}${more}`), detail: withoutIcons(first.text), group };
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
