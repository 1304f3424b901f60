/** What a pure function gives, computed when it is first asked for. */
export function once<Result>(compute: () => Result): () => Result {
  let known: { readonly result: Result } | null = null;
  return () => (known ??= { result: compute() }).result;
}
