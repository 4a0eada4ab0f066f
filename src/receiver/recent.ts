/** Longer than WeChat goes on repeating a push. */
const MEMORY = 30_000;
const AT_MOST = 10_000;

/** Makes one thing per id for a while, however often it is asked for: what tells copies apart while Redis is away. */
export function createRecent<T>(): (id: string, make: () => Promise<T>) => Promise<T> {
  const made = new Map<string, Promise<T>>();
  return (id, make) => {
    const known = made.get(id);
    if (known) return known;
    const fresh = make();
    made.set(id, fresh);
    setTimeout(() => made.delete(id), MEMORY).unref();
    if (made.size > AT_MOST) made.delete(made.keys().next().value as string);
    return fresh;
  };
}
