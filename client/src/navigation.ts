import { commands, window, type Location } from 'vscode';
import type { Place } from './place.js';

/** Goes to a location, so that Go Back leads to where it was asked. */
export async function goTo(location: Location, from: Place): Promise<void> {
  await commands.executeCommand('editor.action.goToLocations', from.uri, from.position, [location], 'goto', '');
}

/** Lists locations in an editor's peek view. */
export async function peek(locations: readonly Location[], from: Place): Promise<void> {
  if (window.activeTextEditor?.document.uri.toString() !== from.uri.toString()) {
    await window.showTextDocument(from.uri); // the view opens only in the active editor
  }
  await commands.executeCommand('editor.action.showReferences', from.uri, from.position, locations);
}
