import { window, type Memento } from 'vscode';
import { protocolPlace } from './conversions.js';
import { oneAtATime } from './oneAtATime.js';
import type { PageView } from './pageView.js';
import { commandPlace, type Place } from './place.js';
import { ExplainRequest } from './protocol.js';
import type { ServerSession } from './serverSession.js';

/** The page beside the code that explains a register. It follows the cursor where the user has asked for that. */
export interface ExplanationPage {
  /** Shows what is at a place; whether a register is known there. */
  show(place: Place): Promise<boolean>;
  /** Lets the page follow the cursor, or stay again; resolves to whether it follows now. */
  toggleFollowing(): Promise<boolean>;
  dispose(): void;
}

const kind = 'explain';

/** Where it is kept whether the page follows the cursor. */
const followsKey = 'kvmRegs.explain.follows';

/** Makes the page, which is not shown yet. What goes wrong while it follows the cursor is told to `onError`. */
export function explanationPage(
  pages: PageView,
  session: ServerSession,
  memory: Memento,
  onError: (error: unknown) => void,
): ExplanationPage {
  const explained = async (place: Place) => {
    const client = await session.client();
    return client.sendRequest(ExplainRequest, protocolPlace(client, place));
  };
  // One question at a time, and the next where the cursor is by then: however fast it moves, nothing waits in a queue.
  const follow = oneAtATime(async () => {
    const place = commandPlace([]);
    const page = place && (await explained(place));
    if (page) await pages.replace(kind, page);
  }, onError);
  const isFollowing = () => memory.get<boolean>(followsKey, false);
  const followIfAsked = () => {
    if (isFollowing() && pages.isVisible(kind)) follow();
  };
  const listeners = [
    window.onDidChangeTextEditorSelection(followIfAsked),
    window.onDidChangeActiveTextEditor(followIfAsked),
  ];
  return {
    show: async (place) => {
      const page = await explained(place);
      if (page !== null) await pages.show(kind, page, 'beside');
      return page !== null;
    },
    toggleFollowing: async () => {
      const follows = !isFollowing();
      await memory.update(followsKey, follows);
      followIfAsked();
      return follows;
    },
    dispose: () => {
      for (const listener of listeners) listener.dispose();
    },
  };
}
