// Keeps text from outside from steering a terminal, or from passing for a line of its own.

/**
 * C0 but tab and line feed, DEL, C1, and what reorders or breaks a line: ESC, CSI and OSC move the cursor, change the title or
 * hide text; CR writes over it.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const STEERING = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** The same text with control characters as `\u001b`, which says the same in JSON; tabs and line feeds stay. */
export const printable = (text: string): string => text.replace(STEERING, escaped);

/** The same, as one line. */
export const printableLine = (text: string): string => printable(text).replaceAll('\n', '\\n');

/** In a JSON text: the escapes of what {@link STEERING} matches and of line feeds, past escaped backslashes. */
const JSON_ESCAPES = /\\(?:u[0-9a-f]{4}|.)/gi;

/**
 * For a reader of JSON lines that prints what a string says, such as pino-pretty: escaped twice, control characters come out as
 * `\u001b` there too.
 */
export const printableWhenRead = (json: string): string =>
  printable(json).replace(JSON_ESCAPES, (found) => (/^\\[nrbfu]/i.test(found) ? `\\${found}` : found));
