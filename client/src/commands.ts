import {
  commands,
  ConfigurationTarget,
  Location,
  window,
  workspace,
  type Extension,
  type LogOutputChannel,
} from 'vscode';
import { ReferencesRequest, type LanguageClient } from 'vscode-languageclient/node';
import { SECTION, type PlaceGroup, type RegisterPlacesParams, type TreePageKind } from '../../protocol/protocol.js';
import type { RegisterApi } from './api.js';
import { locationArguments } from './commandArguments.js';
import type { CommandId } from './commandIds.js';
import type { MapPanel } from './mapPanel.js';
import { editorLocations, protocolPlace } from './conversions.js';
import { isInTree } from './documentTree.js';
import type { ExplanationPage } from './explanationPage.js';
import { showMenu } from './menu.js';
import { goTo, peek } from './navigation.js';
import { pickGroup } from './ownerPick.js';
import { placesOf } from './placeGroups.js';
import type { PageView } from './pageView.js';
import { commandPlace, showMessage, type Place } from './place.js';
import { showPlaces } from './placesView.js';
import { RegisterPlacesRequest } from './protocol.js';
import type { Sample } from './sample.js';
import type { ServerSession } from './serverSession.js';
import type { StatusItem } from './statusItem.js';
import { showFirstHover, showFirstReference } from './tour.js';
import { chosenTree, offerTree } from './treeChoice.js';
import { openDocumentation, showReadiness, showTreePage } from './treeCommands.js';

/** What the commands work with. */
export interface CommandContext {
  readonly session: ServerSession;
  readonly log: LogOutputChannel;
  readonly pages: PageView;
  readonly explanation: ExplanationPage;
  readonly map: MapPanel;
  readonly api: RegisterApi;
  readonly status: StatusItem;
  readonly sample: Sample;
  readonly extension: Extension<unknown>;
}

/** Resolves to whether it has shown what it is for. */
type Command = (args: readonly unknown[]) => Promise<boolean>;

/** A command that asks the server about a place. */
type PlaceCommand = (client: LanguageClient, place: Place, args: readonly unknown[]) => Promise<boolean>;

/** Every command of the extension. They reject where the server doesn't answer. */
export function createCommands(context: CommandContext): Readonly<Record<CommandId, Command>> {
  const { session, log, explanation, map, api, status, sample, extension } = context;
  const at =
    (command: PlaceCommand): Command =>
    async (args) => {
      const place = commandPlace(args);
      return place === null ? sayWhyNot(sample) : command(await session.client(), place, args);
    };
  const pageOf =
    (kind: TreePageKind): Command =>
    () =>
      showTreePage(kind, context);
  const openedAt = async (isShown: Promise<boolean>, command: CommandId) => {
    if (!(await isShown)) return false;
    await commands.executeCommand(command);
    return true;
  };
  return {
    'kvmRegs.showRegisterMap': async () => {
      const tree = await chosenTree(sample);
      if (tree === null) return false;
      await map.show(tree);
      return true;
    },
    'kvmRegs.showXsave': pageOf('xsave'),
    'kvmRegs.check': pageOf('check'),
    'kvmRegs.showApxReadiness': () => showReadiness(context),
    'kvmRegs.explain': at(async (_, place) => (await explanation.show(place)) || showMessage(noRegister)),
    'kvmRegs.toggleFollowing': async () => {
      const follows = await explanation.toggleFollowing();
      showMessage(follows ? 'the explanation follows the cursor' : 'the explanation stays');
      return true;
    },
    'kvmRegs.goToOwner': at(goToOwner),
    'kvmRegs.peekOwner': at(peekOwner),
    'kvmRegs.listOwners': at(listOwners),
    'kvmRegs.findReferences': at(findReferences),
    'kvmRegs.showLocations': at(showLocations),
    'kvmRegs.toggleLenses': toggleLenses,
    'kvmRegs.setSeverity': setSeverity,
    'kvmRegs.openSample': async () => {
      await sample.open();
      return true;
    },
    'kvmRegs.openWalkthrough': async () => {
      await commands.executeCommand('workbench.action.openWalkthrough', `${extension.id}#start`, false);
      return true;
    },
    'kvmRegs.openDocumentation': () => openDocumentation(extension),
    'kvmRegs.showMenu': () => showMenu(status.text()),
    'kvmRegs.showLog': () => {
      log.show();
      return Promise.resolve(true);
    },
    'kvmRegs.restart': async () => {
      if (!session.isStarted()) return showMessage('no server runs yet; it starts with a kernel tree');
      await session.restart();
      return true;
    },
    'kvmRegs.tour.hover': () => showFirstHover(api, sample),
    'kvmRegs.tour.owner': () => openedAt(showFirstReference(api, sample), 'kvmRegs.goToOwner'),
  };
}

const noRegister = 'no register here that is known';

/** Says why a command has no place to ask about, and what to do. */
async function sayWhyNot(sample: Sample): Promise<boolean> {
  const active = window.activeTextEditor?.document.uri;
  if (active !== undefined && isInTree(active)) return showMessage('no guest register is in this file');
  await offerTree(sample);
  return false;
}

async function goToOwner(client: LanguageClient, place: Place): Promise<boolean> {
  const locations = await pickedOwner(client, place, { all: false });
  if (locations === null) return false;
  await goTo(locations, place);
  return true;
}

async function peekOwner(client: LanguageClient, place: Place): Promise<boolean> {
  const locations = await pickedOwner(client, place, { all: true });
  if (locations === null) return false;
  await peek(locations, place);
  return true;
}

/** Where the owner is that the user picks; null where none is picked or there is none, which is said. */
async function pickedOwner(
  client: LanguageClient,
  place: Place,
  options: { readonly all: boolean },
): Promise<Location[] | null> {
  const owners = await client.sendRequest(RegisterPlacesRequest, { ...protocolPlace(client, place), kind: 'owners' });
  const locationsOf = (group: PlaceGroup) =>
    editorLocations(
      client,
      placesOf(group).map(({ location }) => location),
    );
  const picked = owners && (await pickGroup(owners, locationsOf, options));
  const locations = picked ? locationsOf(picked) : [];
  if (owners === null) showMessage(noRegister);
  else if (picked && locations.length === 0) showMessage(`KVM has no code that moves ${owners.register}`);
  return locations.length > 0 ? locations : null;
}

/** In the References view, by what they do; of XSAVE state, and where there is no such view, as a peek. */
async function findReferences(client: LanguageClient, place: Place): Promise<boolean> {
  if (await showGrouped(client, place, 'references')) return true;
  const params = { ...protocolPlace(client, place), context: { includeDeclaration: true } };
  const references = (await client.sendRequest(ReferencesRequest.type, params)) ?? [];
  if (references.length === 0) return showMessage(noRegister);
  await peek(editorLocations(client, references), place);
  return true;
}

/** A register's owners in the References view, by backend and direction; of XSAVE state, and without such a view, as a peek. */
async function listOwners(client: LanguageClient, place: Place): Promise<boolean> {
  return (await showGrouped(client, place, 'owners')) || peekOwner(client, place);
}

async function showGrouped(client: LanguageClient, place: Place, kind: RegisterPlacesParams['kind']): Promise<boolean> {
  const answer = await client.sendRequest(RegisterPlacesRequest, { ...protocolPlace(client, place), kind });
  if (answer === null || answer.groups.length === 0) return false;
  const title = `${answer.register}, by ${kind === 'owners' ? 'backend' : 'access'}`; // behind the view's own "References:"
  return showPlaces(client, title, answer.groups, new Location(place.uri, place.position));
}

async function showLocations(client: LanguageClient, place: Place, args: readonly unknown[]): Promise<boolean> {
  const locations = editorLocations(client, locationArguments(args));
  const [only, ...others] = locations;
  if (only === undefined) return false;
  await (others.length === 0 ? goTo([only], place) : peek(locations, place));
  return true;
}

/** Has the findings of a rule or a family shown in another way, for the user. */
async function setSeverity([key, severity]: readonly unknown[]): Promise<boolean> {
  if (typeof key !== 'string' || typeof severity !== 'string') return false;
  const settings = workspace.getConfiguration(SECTION);
  const given = settings.inspect<Readonly<Record<string, string>>>('check.severity')?.globalValue ?? {};
  await settings.update('check.severity', { ...given, [key]: severity }, ConfigurationTarget.Global);
  return true;
}

/** Turns the lenses on or off where the setting is made already, else for the user. */
async function toggleLenses(): Promise<boolean> {
  const key = 'codeLens.enable';
  const settings = workspace.getConfiguration(SECTION);
  const isInWorkspace = settings.inspect(key)?.workspaceValue !== undefined;
  const target = isInWorkspace ? ConfigurationTarget.Workspace : ConfigurationTarget.Global;
  await settings.update(key, !settings.get(key, true), target);
  return true;
}
