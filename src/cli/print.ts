// All that a tool says to a person goes through here: it may hold what a follower, WeChat or a handler has written.
import { printable, printableLine } from '../printable.ts';

/** On stdout: what was asked for. */
export const print = (text: string): void => console.log(printable(text));

/** On stdout: one of a list, on a line of its own. */
export const printLine = (text: string): void => console.log(printableLine(text));

/** On stderr: what is wrong, and what there is to note. */
export const printError = (text: string): void => console.error(printable(text));
