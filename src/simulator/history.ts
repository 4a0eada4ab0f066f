/** The newest entries of a list that may not grow for ever. */
export class History<Entry> {
  readonly #entries: Entry[] = [];
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(entry: Entry): Entry {
    this.#entries.push(entry);
    // Dropped a tenth at a time: moving the whole array for each entry would cost more than the entries.
    if (this.#entries.length > this.#limit * 1.1) this.#entries.splice(0, this.#entries.length - this.#limit);
    return entry;
  }

  list(): Entry[] {
    return this.#entries.slice(-this.#limit);
  }
}
