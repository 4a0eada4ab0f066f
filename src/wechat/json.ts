import { CONSOLE } from '../console.ts';

/** Whether a body, or what was decrypted from one, is JSON: no other push begins with a brace. */
// Trimming takes a byte order mark away too.
export const isJson = (body: string): boolean => body.trimStart().startsWith('{');

/** What to do where pushes come as JSON. */
export const JSON_ADVICE = `the push is JSON, and wxrelay reads XML: set the data format (数据格式) to XML in the console, ${CONSOLE.push}`;
