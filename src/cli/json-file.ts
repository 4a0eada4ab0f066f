import { toError } from '../errors.ts';
import { readText } from '../text-file.ts';
import { UsageError } from './exit-codes.ts';

/** The text of a file that a person named; `-` is what is piped in. */
export function readInput(file: string): string {
  try {
    return readText(file === '-' ? 0 : file);
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${toError(error).message}`);
  }
}

/** The JSON of such a file. */
export function readJsonInput(file: string): unknown {
  const text = readInput(file);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file} is not JSON: ${toError(error).message}`);
  }
}
