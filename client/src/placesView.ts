import {
  extensions,
  ThemeIcon,
  TreeItem,
  TreeItemCollapsibleState,
  type Location,
  type ProviderResult,
  type TreeDataProvider,
} from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import type { NamedPlace, PlaceGroup } from '../../protocol/protocol.js';

/** What the References view shows: the part that we use of the API of VS Code's `references-view` extension. */
interface ReferencesView {
  setInput(input: TreeInput): void;
}

interface TreeInput {
  readonly contextValue: string;
  readonly title: string;
  readonly location: Location;
  resolve(): ProviderResult<TreeModel>;
  with(location: Location): TreeInput;
}

interface TreeModel {
  readonly message: string | undefined;
  readonly provider: TreeDataProvider<PlaceGroup | NamedPlace>;
}

/** VS Code's own extension that has the References view; it can be turned off. */
const viewExtension = 'vscode.references-view';

/** Shows groups of places as a tree in the References view; whether there is such a view. */
export async function showPlaces(
  client: LanguageClient,
  title: string,
  groups: readonly PlaceGroup[],
  asked: Location,
): Promise<boolean> {
  const extension = extensions.getExtension<Partial<ReferencesView> | undefined>(viewExtension);
  const view = await extension?.activate();
  if (view?.setInput === undefined) return false;
  const provider = providerOf(client, groups);
  const inputAt = (location: Location): TreeInput => ({
    contextValue: 'kvmRegs.places',
    title,
    location,
    resolve: () => ({ message: undefined, provider }),
    with: inputAt,
  });
  view.setInput(inputAt(asked));
  return true;
}

function providerOf(client: LanguageClient, groups: readonly PlaceGroup[]): TreeDataProvider<PlaceGroup | NamedPlace> {
  return {
    getChildren: (element) => {
      if (element === undefined) return [...groups];
      return isGroup(element) ? [...element.groups, ...element.places] : [];
    },
    getTreeItem: (element) => (isGroup(element) ? groupItem(element) : placeItem(client, element)),
  };
}

function isGroup(element: PlaceGroup | NamedPlace): element is PlaceGroup {
  return 'groups' in element;
}

function groupItem({ label, description, groups, places }: PlaceGroup): TreeItem {
  const isEmpty = groups.length + places.length === 0;
  const item = new TreeItem(label, isEmpty ? TreeItemCollapsibleState.None : TreeItemCollapsibleState.Expanded);
  item.description = description;
  item.tooltip = `${label}\n${description}`;
  return item;
}

function placeItem(client: LanguageClient, { location, name, text }: NamedPlace): TreeItem {
  const { uri, range } = client.protocol2CodeConverter.asLocation(location);
  const item = new TreeItem(name);
  item.description = text;
  item.tooltip = `${name}\n${text}`;
  item.iconPath = new ThemeIcon('symbol-variable');
  item.command = { title: 'Show', command: 'vscode.open', arguments: [uri, { selection: range, preserveFocus: true }] };
  return item;
}
