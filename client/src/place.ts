import { Position, Uri, window } from 'vscode';
import { placeArguments } from './commandArguments.js';
import { treeOfDocument } from './documentTree.js';

/** Where a command is asked. */
export interface Place {
  readonly uri: Uri;
  readonly position: Position;
}

/**
 * Where a command is asked: where the lens or the hover's link stands that it was run from, else at the cursor. Null for a
 * file that is in no KVM tree.
 */
export function commandPlace(args: readonly unknown[]): Place | null {
  const given = placeArguments(args);
  if (given !== null) {
    const { line, character } = given.position;
    return { uri: Uri.parse(given.uri), position: new Position(line, character) };
  }
  const editor = window.activeTextEditor;
  if (editor === undefined || treeOfDocument(editor.document.uri) === null) return null;
  return { uri: editor.document.uri, position: editor.selection.active };
}

/** Says in the status bar why there is nothing to show. Gives false, the answer of a command that showed nothing. */
export function showMessage(text: string): false {
  window.setStatusBarMessage(`$(info) KVM Register Lens: ${text}`, 5000);
  return false;
}
