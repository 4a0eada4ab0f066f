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
