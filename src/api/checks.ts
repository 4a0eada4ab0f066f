/** Rules of the official pages that can be checked before sending. A TypeError here is a letter to whoever called. */

/** Refuses a list of which WeChat takes no fewer than `least` and no more than `most` at once. */
export function checkCount(list: readonly unknown[], what: string, least: number, most: number): void {
  if (list.length >= least && list.length <= most) return;
  throw new TypeError(`${what}: WeChat takes ${least} to ${most} at once, not ${list.length}.`);
}

/** Refuses a number that is not whole or is out of range. */
export function checkWhole(value: number, what: string, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new TypeError(`${what} is a whole number from ${least} to ${most}, not ${value}.`);
}

/** Refuses a text that is empty or has more than `most` characters. */
export function checkLength(text: string, what: string, most: number): void {
  const length = [...text].length;
  if (length >= 1 && length <= most) return;
  throw new TypeError(`${what} has 1 to ${most} characters, not ${length}.`);
}

/** Refuses a text of more than `most` bytes of UTF-8, and an empty one. */
export function checkBytes(text: string, what: string, most: number): void {
  const bytes = Buffer.byteLength(text);
  if (bytes >= 1 && bytes <= most) return;
  throw new TypeError(`${what} has 1 to ${most} bytes of UTF-8, not ${bytes}.`);
}

/** Refuses days that are none, that go backwards, and more of them than `most`. */
export function checkDates(begin: string, end: string, most: number): void {
  const [from, to] = [begin, end].map((day) => (/^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(day) : Number.NaN));
  const days = ((to as number) - (from as number)) / 86_400_000 + 1;
  if (days >= 1 && days <= most) return;
  const wanted = most === 1 ? 'one day' : `1 to ${most} days`;
  throw new TypeError(
    `WeChat takes ${wanted} here, as YYYY-MM-DD, not ${JSON.stringify(begin)} to ${JSON.stringify(end)}.`,
  );
}
