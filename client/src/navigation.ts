import { commands, window, type Location } from 'vscode';
import type { Place } from './place.js';

/** Goes to the first of some locations, and lists them there where it is not alone. Go Back leads to where it was asked. */
export async function goTo(locations: readonly Location[], from: Place): Promise<void> {
  const { uri, position } = from;
  await commands.executeCommand('editor.action.goToLocations', uri, position, locations, 'gotoAndPeek', '');
}

/** Lists locations in an editor's peek view. */
export async function peek(locations: readonly Location[], from: Place): Promise<void> {
  if (window.activeTextEditor?.document.uri.toString() !== from.uri.toString()) {
    await window.showTextDocument(from.uri); // the view opens only in the active editor
  }
  await commands.executeCommand('editor.action.showReferences', from.uri, from.position, locations);
}
