import { RequestType } from 'vscode-languageserver';
import type { OwnRequests } from '../../../../protocol/protocol.js';

/** A request of our own, by its method. */
export function ownRequest<Method extends keyof OwnRequests>(
  method: Method,
): RequestType<OwnRequests[Method]['params'], OwnRequests[Method]['answer'], void> {
  return new RequestType(method);
}
