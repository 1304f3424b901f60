import type { Uri } from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import type { RegisterApi } from './api.js';
import { editorLocations, editorOwner } from './conversions.js';
import type { RegisterAnswer } from '../../protocol/protocol.js';
import { RegisterRequest } from './protocol.js';
import type { ServerSession } from './serverSession.js';

/** Version 1 of the API, answered by the server. */
export function registerApi(session: ServerSession): RegisterApi {
  return {
    owner: async (register, file) => {
      const client = await session.client();
      const answer = await askRegister(client, register, file);
      return answer?.owners.map((owner) => editorOwner(client, owner)) ?? null;
    },
    references: async (register, file) => {
      const client = await session.client();
      const answer = await askRegister(client, register, file);
      return answer === null ? null : editorLocations(client, answer.references);
    },
  };
}

function askRegister(client: LanguageClient, name: string, file: Uri | undefined): Promise<RegisterAnswer | null> {
  return client.sendRequest(RegisterRequest, file === undefined ? { name } : { name, uri: file.toString() });
}
