import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  DocumentLink,
  EventEmitter,
  languages,
  Range,
  Uri,
  ViewColumn,
  window,
  workspace,
  type TextDocument,
} from 'vscode';
import { evidenceLinks, evidencePaths } from './evidenceLinks.js';

/** A read-only document beside the code: an explanation that stays while one reads on, its evidence as links. */
export interface ExplanationView {
  /** Shows a text; `root` is the tree that its paths are in. */
  show(text: string, root: string): Promise<void>;
  dispose(): void;
}

const scheme = 'kvm-regs-explanation';

/** A language with nothing to it but package.json's `configurationDefaults`: wrapped, no line numbers. */
const language = 'kvm-explanation';

/** Makes the one document; each explanation takes the place of the one before. */
export function explanationView(): ExplanationView {
  const uri = Uri.from({ scheme, path: 'KVM register' });
  const changed = new EventEmitter<Uri>();
  let current = { text: '', root: '' };
  const registrations = [
    changed,
    workspace.registerTextDocumentContentProvider(scheme, {
      onDidChange: changed.event,
      provideTextDocumentContent: () => current.text,
    }),
    languages.registerDocumentLinkProvider(
      { scheme },
      {
        provideDocumentLinks: (document) => linksOf(document, current.root),
      },
    ),
  ];
  return {
    show: async (text, root) => {
      current = { text, root };
      changed.fire(uri);
      const document = await languages.setTextDocumentLanguage(await workspace.openTextDocument(uri), language);
      await window.showTextDocument(document, { viewColumn: ViewColumn.Beside, preserveFocus: true, preview: true });
    },
    dispose: () => {
      for (const registration of registrations) registration.dispose();
    },
  };
}

function linksOf(document: TextDocument, root: string): DocumentLink[] {
  return evidenceLinks(document.getText()).flatMap(({ start, end, path, line }) => {
    const file = evidencePaths(path).find((candidate) => existsSync(join(root, candidate)));
    if (file === undefined) return [];
    const range = new Range(document.positionAt(start), document.positionAt(end));
    return [new DocumentLink(range, Uri.file(join(root, file)).with({ fragment: `L${line}` }))];
  });
}
