import { ConfigurationTarget, window, workspace, type LogOutputChannel, type Uri } from 'vscode';
import { ReferencesRequest, type LanguageClient } from 'vscode-languageclient/node';
import { SECTION } from '../../protocol/protocol.js';
import { locationArguments } from './commandArguments.js';
import type { CommandId } from './commandIds.js';
import { treeOfDocument } from './documentTree.js';
import { editorLocations, editorOwner, protocolPlace } from './conversions.js';
import type { ExplanationView } from './explanationView.js';
import type { MapPanel } from './mapPanel.js';
import { goTo, peek } from './navigation.js';
import { pickOwner } from './ownerPick.js';
import { commandPlace, showMessage, type Place } from './place.js';
import { ExplainRequest, OwnersRequest } from './protocol.js';
import type { ServerSession } from './serverSession.js';

/** What the commands work with. */
export interface CommandContext {
  readonly session: ServerSession;
  readonly log: LogOutputChannel;
  readonly explanation: ExplanationView;
  readonly map: MapPanel;
}

type Command = (args: readonly unknown[]) => Promise<void> | void;

/** A command that asks the server about a place. */
type PlaceCommand = (client: LanguageClient, place: Place, args: readonly unknown[]) => Promise<void>;

/** Every command of the extension. They reject where the server doesn't answer. */
export function createCommands({
  session,
  log,
  explanation,
  map,
}: CommandContext): Readonly<Record<CommandId, Command>> {
  const at =
    (command: PlaceCommand): Command =>
    async (args) => {
      const place = commandPlace(args);
      if (place === null) showMessage('this is no file of a KVM x86 tree');
      else await command(await session.client(), place, args);
    };
  return {
    'kvmRegs.goToOwner': at(goToOwner),
    'kvmRegs.peekOwner': at(peekOwner),
    'kvmRegs.findReferences': at(findReferences),
    'kvmRegs.showLocations': at(showLocations),
    'kvmRegs.explain': at(async (client, place) => {
      const answer = await client.sendRequest(ExplainRequest, protocolPlace(client, place));
      if (answer === null) showMessage(noRegister);
      else await explanation.show(answer.text, treeOfDocument(place.uri) ?? '');
    }),
    'kvmRegs.showRegisterMap': () => map.show(activeTreeFile()),
    'kvmRegs.toggleLenses': toggleLenses,
    'kvmRegs.restart': () => session.restart(),
    'kvmRegs.showLog': () => {
      log.show();
    },
  };
}

/** The active editor's file, where it is in a KVM tree. */
function activeTreeFile(): Uri | null {
  const uri = window.activeTextEditor?.document.uri;
  return uri && treeOfDocument(uri) !== null ? uri : null;
}

const noRegister = 'no register here that is known';

async function goToOwner(client: LanguageClient, place: Place): Promise<void> {
  const answer = await client.sendRequest(OwnersRequest, protocolPlace(client, place));
  if (answer === null) {
    showMessage(noRegister);
    return;
  }
  const owners = answer.owners.map((owner) => editorOwner(client, owner));
  const owner = await pickOwner(answer.register, owners);
  if (owner === null) return;
  const [best] = owner.locations;
  if (best === undefined) showMessage(`${owner.label}: KVM has no code that moves it`);
  else await goTo(best, place);
}

async function peekOwner(client: LanguageClient, place: Place): Promise<void> {
  const answer = await client.sendRequest(OwnersRequest, protocolPlace(client, place));
  const locations = answer?.owners.flatMap((owner) => editorOwner(client, owner).locations) ?? [];
  if (locations.length > 0) await peek(locations, place);
  else showMessage(answer === null ? noRegister : `KVM has no code that moves ${answer.register}`);
}

async function findReferences(client: LanguageClient, place: Place): Promise<void> {
  const params = { ...protocolPlace(client, place), context: { includeDeclaration: true } };
  const references = (await client.sendRequest(ReferencesRequest.type, params)) ?? [];
  if (references.length > 0) await peek(editorLocations(client, references), place);
  else showMessage(noRegister);
}

async function showLocations(client: LanguageClient, place: Place, args: readonly unknown[]): Promise<void> {
  const locations = editorLocations(client, locationArguments(args));
  const [only, ...others] = locations;
  if (only !== undefined) await (others.length === 0 ? goTo(only, place) : peek(locations, place));
}

/** Turns the lenses on or off where the setting is made already, else for the user. */
async function toggleLenses(): Promise<void> {
  const key = 'codeLens.enable';
  const settings = workspace.getConfiguration(SECTION);
  const isInWorkspace = settings.inspect(key)?.workspaceValue !== undefined;
  const target = isInWorkspace ? ConfigurationTarget.Workspace : ConfigurationTarget.Global;
  await settings.update(key, !settings.get(key, true), target);
}
