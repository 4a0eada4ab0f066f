import { buildConnector } from 'undici';

/** Errors that came before there was a connection: not a byte of the request was written. */
const unwritten = new WeakSet<Error>();

/** Connects within `timeout` milliseconds, and notes the errors of those that could not. */
export function createConnect(timeout: number): buildConnector.connector {
  const connector = buildConnector({ timeout });
  return (target, done) =>
    connector(target, (...outcome) => {
      if (outcome[0]) unwritten.add(outcome[0]);
      done(...outcome);
    });
}

/** Whether not a byte was written when this error came: then a repeat is harmless. */
export const isUnwritten = (error: unknown): boolean => unwritten.has(error as Error);

/** Says so of the error that is thrown on in its place. */
export const noteUnwritten = (error: Error): void => void unwritten.add(error);
