import type { Span } from '../text/sourceText.js';
import type { ConditionalBranch, Conditionals } from './conditionals.js';

/** Ways through a span's `#if`s at the most; no kernel function comes near. */
const MOST_VARIANTS = 256;

/** The variants of a span that a branch is read in: from `first` on, up to `end`. */
interface VariantRange {
  readonly first: number;
  readonly end: number;
}

/**
 * The variants in which a span must be read so that every branch of its `#if`s is read at least once, with all branches
 * around it: for each, the spans to blank, in order and apart. Most spans have one variant, with nothing to blank. A branch needs as many
 * variants as the `#if` in it with the most; an `#if`, the sum of its branches'.
 */
export function branchVariants({ conditionals }: Pick<Conditionals, 'conditionals'>, span: Span): Span[][] {
  const inside = conditionals.filter((c) => c.start >= span.start && c.end <= span.end);
  const needs = new Map<ConditionalBranch | null, number>();
  const need = (branch: ConditionalBranch) => needs.get(branch) ?? 1;
  const own = new Set<ConditionalBranch | null>(inside.flatMap((c) => c.branches));
  for (const { branches, outer } of inside.toReversed()) {
    const sum = branches.reduce((total, branch) => total + need(branch), 0);
    const around = own.has(outer) ? outer : null;
    needs.set(around, Math.max(needs.get(around) ?? 1, sum));
  }
  const all: VariantRange = { first: 0, end: Math.min(needs.get(null) ?? 1, MOST_VARIANTS) };
  const ranges = new Map<ConditionalBranch, VariantRange>();
  for (const { branches, outer } of inside) {
    const around = (outer && ranges.get(outer)) ?? all;
    let { first } = around;
    for (const branch of branches) {
      // Where others need more variants, the last branch stays.
      const end = branch === branches.at(-1) ? around.end : first + need(branch);
      ranges.set(branch, { first, end });
      first = end;
    }
  }
  const isRead = ({ first, end }: VariantRange, variant: number) => first <= variant && variant < end;
  const inOrder = [...ranges].sort(([a], [b]) => a.start - b.start);
  return Array.from({ length: all.end }, (_, variant) => {
    const blanked: Span[] = [];
    for (const [branch, range] of inOrder)
      // What stands in a branch that is blank already needs no span of its own.
      if (!isRead(range, variant) && branch.start >= (blanked.at(-1)?.end ?? 0)) blanked.push(branch);
    return blanked;
  });
}
