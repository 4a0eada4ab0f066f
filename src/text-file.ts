import { readFileSync } from 'node:fs';
import { toError } from './errors.ts';

/** The text of a file that a person wrote, as editors save it; `0` is what is piped in. Throws where it is not UTF-8. */
export function readText(file: string | 0): string {
  const bytes = readFileSync(file);
  const marked = ['fffe', 'feff'].includes(bytes.subarray(0, 2).toString('hex'));
  // Without a mark it has NULs, and no text has.
  if (marked || bytes.includes(0)) throw new TypeError('it is UTF-16, or no text: save it as UTF-8');
  try {
    // Leaves out the mark (BOM) that some editors begin with.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new TypeError('it is not UTF-8, but perhaps GBK: save it as UTF-8');
  }
}

/** Why a file cannot be read, without its name. */
export function whyUnread(error: unknown): string {
  const { code, message } = toError(error) as NodeJS.ErrnoException;
  return code ?? message;
}
