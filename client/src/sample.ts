import { Selection, Uri, window, type ExtensionContext } from 'vscode';

/**
 * The tree of our own that is in the package, for who has no kernel at hand. Its editors take no edits, by package.json's
 * `configurationDefaults`: what is written there would be lost with the next update.
 */
export interface Sample {
  readonly root: Uri;
  /** Shows the code of the sample to begin with. */
  open(): Promise<void>;
}

/** What is shown first: where registers that stay in the VMCS are fetched. */
const firstFile = 'arch/x86/kvm/vmx/vmx.c';
const firstText = 'vmx_cache_reg(';

export function sampleOf({ extensionUri }: ExtensionContext): Sample {
  const root = Uri.joinPath(extensionUri, 'samples/load-store-regs');
  return {
    root,
    open: async () => {
      const editor = await window.showTextDocument(Uri.joinPath(root, firstFile), { preview: false });
      const start = editor.document.positionAt(Math.max(0, editor.document.getText().indexOf(firstText)));
      editor.selection = new Selection(start, start);
      editor.revealRange(editor.selection);
    },
  };
}
