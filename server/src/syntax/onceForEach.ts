/** A pure function of an object that is computed once for each, and remembered as long as the object lives. */
export function onceForEach<Key extends object, Result>(compute: (key: Key) => Result): (key: Key) => Result {
  const known = new WeakMap<Key, { readonly result: Result }>();
  return (key) => {
    const last = known.get(key);
    if (last) return last.result;
    const result = compute(key);
    known.set(key, { result });
    return result;
  };
}
