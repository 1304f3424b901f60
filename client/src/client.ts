import { window, type ExtensionContext, type TextDocument, type WebviewPanel } from 'vscode';
import type { RegisterApi } from './api.js';
import { registerApi } from './registerApi.js';
import type { CommandId } from './commandIds.js';
import { createCommands } from './commands.js';
import { explanationView } from './explanationView.js';
import { mapPanel } from './mapPanel.js';
import { registerTree } from './registerTree.js';
import { serverSession } from './serverSession.js';
import { statusItem } from './statusItem.js';

/** What the extension does in a window that shows KVM: its commands, its API, its server. */
export interface RegisterLens {
  readonly api: RegisterApi;
  /** Makes sure that the server knows a document in the tree at `root`. */
  include(document: TextDocument, root: string): void;
  /** Runs a command with the arguments that VS Code hands it. */
  run(id: CommandId, args: readonly unknown[]): Promise<void>;
  /** Fills the register map's panel that a window had open when it was closed. */
  restoreMap(panel: WebviewPanel): Promise<void>;
  /** Resolves when the server has ended. */
  stop(): Promise<void>;
}

/** Starts the one server of the window. What it makes is disposed of with the extension. */
export function startRegisterLens(context: ExtensionContext): RegisterLens {
  const log = window.createOutputChannel('KVM Register Lens', { log: true });
  const status = statusItem();
  const session = serverSession(context, log, (state) => {
    status.show(state);
    if (typeof state === 'object' && state.state === 'ready') {
      map.refreshSoon();
      tree.refresh();
    }
  });
  const map = mapPanel(context, session);
  const tree = registerTree(session);
  const explanation = explanationView();
  context.subscriptions.push(log, status, explanation, map, tree);
  const commands = createCommands({ session, log, explanation, map });
  return {
    api: registerApi(session),
    include: (document, root) => {
      session.include(document, root);
    },
    run: async (id, args) => {
      try {
        await commands[id](args);
      } catch (error) {
        log.error(`${id}: ${error instanceof Error ? error.message : String(error)}`);
        window.setStatusBarMessage('$(error) KVM registers: no answer, see the log', 5000);
      }
    },
    restoreMap: (panel) => map.restore(panel),
    stop: () => session.stop(),
  };
}
