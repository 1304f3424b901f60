import { commands, window, type ExtensionContext, type TextDocument, type WebviewPanel } from 'vscode';
import type { RegisterApi } from './api.js';
import { registerApi } from './registerApi.js';
import { hoverStep, stepDoneKey, type CommandId } from './commandIds.js';
import { createCommands } from './commands.js';
import { explanationPage } from './explanationPage.js';
import { mapPanel } from './mapPanel.js';
import { pageView } from './pageView.js';
import { registerTree } from './registerTree.js';
import { sampleOf } from './sample.js';
import { serverSession } from './serverSession.js';
import { statusItem } from './statusItem.js';

/** What the extension does in a window that shows KVM: its commands, its API, its server. */
export interface RegisterLens {
  readonly api: RegisterApi;
  /** Has the server read the trees of the window's folders. */
  start(): void;
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
  const logged = (doing: Promise<void>) => {
    doing.catch((error: unknown) => {
      log.error(String(error));
    });
  };
  const session = serverSession(context, log, {
    onState: (state) => {
      status.show(state);
      if (typeof state === 'object' && state.state === 'ready') {
        map.treeWasRead();
        tree.refresh();
      }
    },
    onHover: () => {
      logged(isDone(hoverStep));
    },
    onGivenUp: (what) => {
      logged(reportEnd(what));
    },
  });
  const map = mapPanel(context, session);
  const tree = registerTree(session);
  const pages = pageView();
  const explanation = explanationPage(pages, session, context.globalState, (error) => {
    log.error(String(error));
  });
  context.subscriptions.push(log, status, pages, explanation, map, tree);
  const api = registerApi(session);
  const all = createCommands({
    session,
    log,
    pages,
    explanation,
    map,
    api,
    status,
    sample: sampleOf(context),
    extension: context.extension,
  });
  return {
    api,
    start: () => {
      session.start();
    },
    include: (document, root) => {
      session.include(document, root);
    },
    run: async (id, args) => {
      try {
        if (await all[id](args)) await isDone(id);
      } catch (error) {
        log.error(`${id}: ${error instanceof Error ? error.message : String(error)}`);
        window.setStatusBarMessage('$(error) KVM Register Lens: no answer, see the log', 5000);
      }
    },
    restoreMap: (panel) => map.restore(panel),
    stop: () => session.stop(),
  };
}

/** Checks the step of the walkthrough that a command, or a hover, is. */
async function isDone(step: CommandId | typeof hoverStep): Promise<void> {
  // The walkthrough heeds a key that becomes true, and never one that was true when it was first shown.
  for (const value of [true, false]) await commands.executeCommand('setContext', stepDoneKey(step), value);
}

const restart = 'Restart Language Server';
const showLog = 'Show Log';

/** Says that there is no server any more, and why. */
async function reportEnd(what: string): Promise<void> {
  const text = `KVM Register Lens: the language server ${what}, and is not started again by itself.`;
  const answer = await window.showErrorMessage(text, restart, showLog);
  if (answer === restart) await commands.executeCommand('kvmRegs.restart');
  if (answer === showLog) await commands.executeCommand('kvmRegs.showLog');
}
