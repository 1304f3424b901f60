import {
  commands,
  EventEmitter,
  MarkdownString,
  Range,
  ThemeIcon,
  TreeItem,
  TreeItemCollapsibleState,
  Uri,
  window,
  workspace,
  type TreeDataProvider,
} from 'vscode';
import type { ListedOwner, ListedRegister, RegisterUse } from '../../protocol/protocol.js';
import { treeOfDocument } from './documentTree.js';
import { RegisterListRequest, RegisterUsesRequest } from './protocol.js';
import type { ServerSession } from './serverSession.js';

/** The tree view "KVM Registers": a register, its backends, then what loads and stores it, its readers and writers. */
export interface RegisterTree {
  /** Asks anew when it is next looked at. */
  refresh(): void;
  dispose(): void;
}

/** The view's id in package.json, and the context key under which it is shown: whether a tree is known. */
const viewId = 'kvmRegs.registers';
const hasTreeKey = 'kvmRegs.hasTree';

/** A node of the view. */
type Node =
  | { readonly kind: 'register'; readonly listed: ListedRegister }
  | { readonly kind: 'backend'; readonly register: string; readonly owner: ListedOwner }
  | { readonly kind: 'uses'; readonly label: string; readonly uses: readonly RegisterUse[] }
  | { readonly kind: 'use'; readonly use: RegisterUse };

export function registerTree(session: ServerSession): RegisterTree {
  const changed = new EventEmitter<undefined>();
  const provider: TreeDataProvider<Node> = {
    onDidChangeTreeData: changed.event,
    getTreeItem: itemOf,
    getChildren: (node) => childrenOf(session, node),
  };
  const view = window.createTreeView(viewId, { treeDataProvider: provider, showCollapseAll: true });
  commands.executeCommand('setContext', hasTreeKey, true).then(undefined, console.error);
  return {
    refresh: () => {
      changed.fire(undefined);
    },
    dispose: () => {
      view.dispose();
      changed.dispose();
    },
  };
}

async function childrenOf(session: ServerSession, node: Node | undefined): Promise<Node[]> {
  if (!node) {
    const client = await session.client();
    const answer = await client.sendRequest(RegisterListRequest, treeInView());
    return (answer?.registers ?? []).map((listed) => ({ kind: 'register', listed }));
  }
  switch (node.kind) {
    case 'register':
      return node.listed.backends.map((owner) => ({ kind: 'backend', register: node.listed.register, owner }));
    case 'backend':
      return usesOf(session, node.register, node.owner.backend);
    case 'uses':
      return node.uses.map((use) => ({ kind: 'use', use }));
    case 'use':
      return [];
  }
}

async function usesOf(session: ServerSession, name: string, backend: string): Promise<Node[]> {
  const client = await session.client();
  const answer = await client.sendRequest(RegisterUsesRequest, { ...treeInView(), name, backend });
  if (answer === null) return [];
  return [
    { kind: 'uses', label: 'Load', uses: answer.load },
    { kind: 'uses', label: 'Store', uses: answer.store },
    { kind: 'uses', label: 'Readers', uses: answer.readers },
    { kind: 'uses', label: 'Writers', uses: answer.writers },
  ];
}

/** The tree of the active editor's file; the first one while none is active. */
function treeInView(): { readonly uri?: string } {
  const uri = window.activeTextEditor?.document.uri;
  return uri && treeOfDocument(uri) !== null ? { uri: uri.toString() } : {};
}

function itemOf(node: Node): TreeItem {
  switch (node.kind) {
    case 'register': {
      const item = new TreeItem(node.listed.register, TreeItemCollapsibleState.Collapsed);
      item.id = node.listed.register;
      item.description = [...new Set(node.listed.backends.map(({ sync }) => sync))].join(', ');
      return item;
    }
    case 'backend': {
      const { title, sync, where, summary, backend } = node.owner;
      const item = new TreeItem(title, TreeItemCollapsibleState.Collapsed);
      item.id = `${node.register} ${backend}`;
      item.description = where === '' ? sync : `${sync} ${where}`;
      item.tooltip = new MarkdownString().appendText(summary);
      if (sync === 'unknown') item.iconPath = new ThemeIcon('question');
      return item;
    }
    case 'uses': {
      const isEmpty = node.uses.length === 0;
      const item = new TreeItem(
        node.label,
        isEmpty ? TreeItemCollapsibleState.None : TreeItemCollapsibleState.Collapsed,
      );
      item.description = isEmpty ? 'none' : String(node.uses.length);
      return item;
    }
    case 'use':
      return useItem(node.use);
  }
}

function useItem({ label, detail, location }: RegisterUse): TreeItem {
  const item = new TreeItem(label);
  const uri = Uri.parse(location.uri);
  const { start, end } = location.range;
  const range = new Range(start.line, start.character, end.line, end.character);
  item.description = `${detail} ${workspace.asRelativePath(uri)}:${start.line + 1}`;
  item.command = { command: 'vscode.open', title: 'Open', arguments: [uri, { selection: range }] };
  return item;
}
