import { existsSync } from 'node:fs';
import { sep } from 'node:path';
import type { Uri } from 'vscode';
import { isInKvmTree, kvmTreeOf } from './kvmPath.js';

/** The root of the KVM tree that a document is in, as {@link kvmTreeOf} finds it; null for one that is on no disk. */
export function treeOfDocument(uri: Uri): string | null {
  return uri.scheme === 'file' ? kvmTreeOf(slashed(uri), existsSync) : null;
}

/** Whether a file or a workspace folder is in a KVM tree, or is one, as {@link isInKvmTree} finds it. */
export function isInTree(uri: Uri): boolean {
  return uri.scheme === 'file' && isInKvmTree(slashed(uri), existsSync);
}

function slashed(uri: Uri): string {
  return uri.fsPath.split(sep).join('/');
}
