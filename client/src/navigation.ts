import { commands, window, type Location } from 'vscode';
import type { Place } from './place.js';

/** Goes to the first location, so that Go Back leads to where it was asked, and lists the others there. */
export async function goTo(locations: readonly Location[], from: Place): Promise<void> {
  const [first] = locations;
  if (first === undefined) return;
  await commands.executeCommand('editor.action.goToLocations', from.uri, from.position, [first], 'goto', '');
  if (locations.length > 1) await peek(locations, { uri: first.uri, position: first.range.start });
}

/** Lists locations in an editor's peek view. */
export async function peek(locations: readonly Location[], from: Place): Promise<void> {
  if (window.activeTextEditor?.document.uri.toString() !== from.uri.toString()) {
    await window.showTextDocument(from.uri); // the view opens only in the active editor
  }
  await commands.executeCommand('editor.action.showReferences', from.uri, from.position, locations);
}
