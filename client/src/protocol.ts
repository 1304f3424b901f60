import {
  NotificationType,
  RequestType,
  type Location,
  type TextDocumentPositionParams,
} from 'vscode-languageclient/node';

/** What the server is asked beside LSP's own requests. A place without a register is answered by null. */
export const ExplainRequest = new RequestType<TextDocumentPositionParams, { readonly text: string } | null, void>(
  'kvmRegs/explain',
);
export const OwnersRequest = new RequestType<TextDocumentPositionParams, Owners | null, void>('kvmRegs/owners');
export const RegisterRequest = new RequestType<RegisterParams, Register | null, void>('kvmRegs/register');

/** What the server tells of itself, at each change. */
export const StatusNotification = new NotificationType<ServerStatus>('kvmRegs/status');

export interface RegisterParams {
  readonly name: string;
  readonly uri?: string;
}

export interface Owners {
  readonly register: string;
  readonly owners: readonly Owner[];
}

export interface Register extends Owners {
  readonly references: Location[];
}

export interface Owner {
  readonly backend: string;
  readonly sync: string;
  readonly label: string;
  readonly detail: string;
  readonly locations: Location[];
}

export interface ServerStatus {
  readonly state: 'indexing' | 'ready' | 'none';
  readonly trees: readonly TreeStatus[];
}

export interface TreeStatus {
  /** Absolute, symbolic links resolved. */
  readonly root: string;
  readonly kernel: string | null;
  readonly files: number;
  readonly references: number;
  readonly ms: number;
  readonly problems: readonly TreeProblem[];
}

export interface TreeProblem {
  /** Relative to the root, with '/'. */
  readonly file: string;
  readonly line: number | null;
  readonly message: string;
}
