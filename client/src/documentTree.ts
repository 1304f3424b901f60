import { existsSync } from 'node:fs';
import { sep } from 'node:path';
import type { Uri } from 'vscode';
import { isKvmTree, kvmTreeOf } from './kvmPath.js';

/** The root of the KVM tree that a document is in, as {@link kvmTreeOf} finds it; null for one that is on no disk. */
export function treeOfDocument(uri: Uri): string | null {
  return uri.scheme === 'file' ? kvmTreeOf(slashed(uri), existsSync) : null;
}

/** Whether a workspace folder is a KVM tree, or a part of one. */
export function isTreeFolder(uri: Uri): boolean {
  return uri.scheme === 'file' && isKvmTree(slashed(uri), existsSync);
}

function slashed(uri: Uri): string {
  return uri.fsPath.split(sep).join('/');
}
