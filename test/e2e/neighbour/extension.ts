import * as vscode from 'vscode';
import type { KvmRegisterLens } from '../../../client/src/api.js';

/**
 * What a C indexer beside us does, by words alone: a hover on every identifier, a lens on every function definition, the
 * definition of an identifier as the first line that defines it in the file, its references as each occurrence in the file.
 */
export function activate({ subscriptions }: vscode.ExtensionContext): void {
  const files = [
    { language: 'c', scheme: 'file' },
    { language: 'cpp', scheme: 'file' },
  ];
  subscriptions.push(
    vscode.commands.registerCommand('neighbour.lens', () => undefined),
    vscode.commands.registerCommand('neighbour.owner', showOwner),
    vscode.commands.registerCommand('neighbour.panel', showPanel),
    vscode.languages.registerHoverProvider(files, {
      provideHover(document, position) {
        const word = wordAt(document, position);
        return word === null ? null : new vscode.Hover(`Neighbour: ${word}`);
      },
    }),
    vscode.languages.registerCodeLensProvider(files, {
      provideCodeLenses: (document) =>
        occurrences(document, /^[a-z].*?\b(\w+)\((?=[^;]*$)/dgm).map(
          ({ range }) => new vscode.CodeLens(range, { title: 'neighbour', command: 'neighbour.lens' }),
        ),
    }),
    vscode.languages.registerDefinitionProvider(files, {
      provideDefinition(document, position) {
        const word = wordAt(document, position);
        return word === null
          ? []
          : occurrences(document, new RegExp(`^#define (${word})\\b|^[a-z].*\\b(${word})\\(`, 'dgm'));
      },
    }),
    vscode.languages.registerReferenceProvider(files, {
      provideReferences(document, position) {
        const word = wordAt(document, position);
        return word === null ? [] : occurrences(document, new RegExp(`\\b(${word})\\b`, 'dg'));
      },
    }),
  );
}

/** Asks KVM Register Lens by its API (docs/api.md) and shows the answer. */
async function showOwner(): Promise<void> {
  const extension = vscode.extensions.getExtension<KvmRegisterLens>('kvm-register-lens.kvm-register-lens');
  const registers = (await extension?.activate())?.getApi(1);
  const owners = await registers?.owner('RSP');
  const references = await registers?.references('RSP');
  const said = owners?.map(({ backend, sync, locations }) => `${backend} ${sync} ${String(locations.length)}`);
  void vscode.window.showInformationMessage(`RSP: ${said?.join(', ') ?? ''}; ${String(references?.length)} references`);
}

/** Shows a webview panel with next to nothing in it: what a panel costs by itself. */
function showPanel(): void {
  const panel = vscode.window.createWebviewPanel('neighbour.panel', 'Bare Panel', vscode.ViewColumn.Active, {
    enableScripts: true,
  });
  panel.webview.html = '<!doctype html><title>Bare</title><p id="bare">Nothing</p>';
}

function wordAt(document: vscode.TextDocument, position: vscode.Position): string | null {
  const range = document.getWordRangeAtPosition(position, /[A-Za-z_]\w*/);
  return range ? document.getText(range) : null;
}

/** The locations of what the pattern's groups match; it has the flag `d`. */
function occurrences(document: vscode.TextDocument, pattern: RegExp): vscode.Location[] {
  return [...document.getText().matchAll(pattern)]
    .flatMap(({ indices = [] }) => indices.slice(1))
    .filter((group) => group !== undefined)
    .map(
      ([start, end]) =>
        new vscode.Location(document.uri, new vscode.Range(document.positionAt(start), document.positionAt(end))),
    );
}
