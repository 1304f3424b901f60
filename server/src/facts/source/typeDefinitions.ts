import type { OutlineItem } from '../../syntax/c/outline.js';
import type { SourceOutline } from './sourceOutline.js';

/** A type's definition. */
export interface TypeDefinition {
  readonly file: SourceOutline;
  readonly item: OutlineItem;
}

/** The definitions of a kind of type, of one name or of all. */
export function definitionsOf(
  outlines: readonly SourceOutline[],
  kind: 'enum' | 'struct',
  name?: string,
): TypeDefinition[] {
  return outlines.flatMap((file) =>
    file.items
      .filter((item) => item.kind === kind && item.bodyStart >= 0 && (name === undefined || item.name === name))
      .map((item) => ({ file, item })),
  );
}
