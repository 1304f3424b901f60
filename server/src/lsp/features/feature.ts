import {
  ErrorCodes,
  RequestType,
  ResponseError,
  type RequestType0,
  type CancellationToken,
  type ClientCapabilities,
  type Connection,
  type Event,
  type ServerCapabilities,
  type TextDocuments,
} from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Steps } from '../../model/steps.js';
import type { AnswerOptions } from '../answerOptions.js';
import type { ClientOptions } from '../clientOptions.js';
import type { EngineRequest } from '../engine/engineProtocol.js';
import type { Urgency } from '../engine/scheduler.js';
import type { Trees } from '../engine/trees.js';
import type { Send } from '../send.js';
import { isRecord } from '../isRecord.js';
import { settingIn, type Setting, type SettingSchema } from '../settings.js';

/** One thing that the server does for its client. The server and its engine each go through the list of all (`features.ts`). */
export interface Feature {
  /** What the handshake announces of it to the client. */
  readonly capability: ServerCapabilities;
  readonly settings: readonly SettingSchema[];
  /** Has the client's requests answered; on the thread that talks to the client, where nothing may take long. */
  readonly serve: (connection: Connection, server: FeatureServer) => void;
  /** Answers what `serve` asks the engine; on the engine's thread. */
  readonly engage: (engine: FeatureEngine) => void;
}

/** What a feature finds on the thread that talks to the client. */
export interface FeatureServer {
  /** As the client has them open; a change that was announced is known to the engine already. */
  readonly documents: TextDocuments<TextDocument>;
  /** What the client can do; nothing before the handshake. */
  readonly capabilities: () => ClientCapabilities;
  /** What the client asked for when it started the server. */
  readonly client: () => ClientOptions;
  /** Section `kvmRegs` as the client has it now. */
  readonly settings: () => unknown;
  /** Asks the engine. Rejects with RequestCancelled when the token is cancelled. */
  readonly ask: <Question, Answer>(
    request: EngineRequest<Question, Answer>,
    question: Question,
    token: CancellationToken,
  ) => Promise<Answer>;
  /** A tree was read or a setting has changed: what answers depend on besides documents. */
  readonly onChange: Event<void>;
  /** The disk or a setting has changed: what the client shows and does not ask again may be old. */
  readonly onStale: Event<void>;
  readonly send: Send;
}

/** How a question is answered on the engine's thread: in steps, between which more urgent questions are. */
export type StepAnswer<Question, Answer> = (trees: Trees, question: Question, options: AnswerOptions) => Steps<Answer>;

/**
 * An answer from a tree as it was read before, given at once; null for none. The client asks again where the tree, once it is
 * read as it is, has another.
 */
export type EarlyAnswer<Question, Answer> = (trees: Trees, question: Question, options: AnswerOptions) => Answer | null;

/** What a feature finds on the engine's thread. */
export interface FeatureEngine {
  /** Says how a request is answered. */
  readonly answer: <Question, Answer>(
    request: EngineRequest<Question, Answer>,
    urgency: Urgency,
    answer: StepAnswer<Question, Answer>,
    early?: EarlyAnswer<Question, Answer>,
  ) => void;
  /** The URI of the page of the rules. */
  readonly rulesPage: string;
}

/** A request of the protocol that is answered from the trees; `Question` is what the engine needs of the request. */
interface TreeRequest<Params, Question, Answer> {
  readonly request: RequestType<Params, Answer | null, void>;
  readonly capability: ServerCapabilities;
  /** What turns it on; null for what is always there. */
  readonly setting: Setting<boolean> | null;
  /** Further settings that its answer depends on. */
  readonly settings?: readonly SettingSchema[];
  readonly urgency: Urgency;
  readonly question: (params: Params) => Question;
  readonly answer: StepAnswer<Question, Answer | null>;
  readonly early?: EarlyAnswer<Question, Answer | null>;
  /** Has the client ask again; for what it shows without asking each time. */
  readonly refresh?: {
    readonly request: RequestType0<void, void>;
    readonly isSupported: (capabilities: ClientCapabilities) => boolean | undefined;
  };
}

/** A feature that is one request, answered from the trees; by null while it is turned off. */
export function treeRequest<Params, Question, Answer>(spec: TreeRequest<Params, Question, Answer>): Feature {
  const { request, capability, setting, settings = [], urgency, question, answer, early, refresh } = spec;
  const engineRequest: EngineRequest<Question, Answer | null> = new RequestType(request.method);
  return {
    capability,
    settings: setting ? [setting, ...settings] : settings,
    serve: (connection, server) => {
      const handle = (params: Params, token: CancellationToken) =>
        setting && !settingIn(server.settings(), setting)
          ? null
          : server.ask(engineRequest, asked(request.method, question, params), token);
      connection.onRequest<unknown, never>(request.method, handle);
      if (!refresh) return;
      server.onStale(() => {
        if (refresh.isSupported(server.capabilities()))
          server.send(refresh.request.method, connection.sendRequest(refresh.request));
      });
    },
    engage: (engine) => {
      engine.answer(engineRequest, urgency, answer, early);
    },
  };
}

/** The question that a request's parameters make; InvalidParams, and nothing of ours, for those that make none. */
function asked<Params, Question>(method: string, question: (params: Params) => Question, params: Params): Question {
  try {
    return question(params);
  } catch {
    throw wrongParameters(method);
  }
}

function wrongParameters(method: string): ResponseError {
  return new ResponseError(ErrorCodes.InvalidParams, `${method}: its parameters are not those of the protocol`);
}

/** A request of the protocol that is answered at once, without the trees. */
interface LocalRequest<Params, Answer> {
  readonly request: RequestType<Params, Answer, void>;
  readonly capability: ServerCapabilities;
  readonly answer: (params: Params, server: FeatureServer, connection: Connection) => Answer | Promise<Answer>;
}

/** A feature that is one request, answered without the trees. */
export function localRequest<Params, Answer>({ request, capability, answer }: LocalRequest<Params, Answer>): Feature {
  return {
    capability,
    settings: [],
    serve: (connection, server) => {
      connection.onRequest<unknown, never>(request.method, (params: Params) => {
        if (!isRecord(params)) throw wrongParameters(request.method);
        return answer(params, server, connection);
      });
    },
    engage: () => undefined,
  };
}
