import { NotificationType, RequestType } from 'vscode-languageclient/node';
import { STATUS, type OwnRequests, type Status } from '../../protocol/protocol.js';

/** What the server is asked beside LSP's own requests. */
export const ExplainRequest = requestOf('kvmRegs/explain');
export const RegisterRequest = requestOf('kvmRegs/register');
export const RegisterPlacesRequest = requestOf('kvmRegs/registerPlaces');
export const TreePageRequest = requestOf('kvmRegs/treePage');
export const MapRequest = requestOf('kvmRegs/map');
export const MapSectionRequest = requestOf('kvmRegs/mapSection');
export const MapRunRequest = requestOf('kvmRegs/mapRun');
export const RegisterListRequest = requestOf('kvmRegs/registers');
export const RegisterUsesRequest = requestOf('kvmRegs/registerUses');

/** What the server tells of itself, at each change. */
export const StatusNotification = new NotificationType<Status>(STATUS);

function requestOf<Method extends keyof OwnRequests>(
  method: Method,
): RequestType<OwnRequests[Method]['params'], OwnRequests[Method]['answer'], void> {
  return new RequestType(method);
}
