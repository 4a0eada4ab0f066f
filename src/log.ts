import { createRequire } from 'node:module';
import { isatty } from 'node:tty';
import { type DestinationStream, type Logger, pino } from 'pino';
import type { PinoPretty as Pretty } from 'pino-pretty';
import { withoutQuotes } from './errors.ts';
import { framesOf } from './hush.ts';
import { printable, printableWhenRead } from './printable.ts';
import { redact } from './redact.ts';

export type { Logger } from 'pino';

/**
 * JSON lines on stdout, or on stderr (2); readable lines on a terminal, unless told. One event name per fact, always with the
 * push's key, never with what the user wrote.
 */
export function createLog(process_: string, level: string, readable?: boolean, fd: 1 | 2 = 1): Logger {
  const options = {
    level,
    base: { process: process_ },
    messageKey: 'event',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: describeError },
  };
  // Not waited for: a slow reader of the log must not slow an answer. What is left is written when the process ends. On stderr
  // a person reads it between what a tool prints.
  if (!(readable ?? isatty(fd))) return pino(options, rewriting(pino.destination({ fd, sync: fd === 2 }), printable));
  // Loaded only where somebody reads: it would cost every start a tenth.
  const { PinoPretty } = createRequire(import.meta.url)('pino-pretty') as { PinoPretty: typeof Pretty };
  const pretty = PinoPretty({
    messageKey: 'event',
    messageFormat: '{process} {event}',
    ignore: 'process',
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss.l',
    destination: fd,
  });
  return pino(options, rewriting(pretty, printableWhenRead));
}

/** Each line passes through `rewrite` on its way. */
function rewriting<S extends DestinationStream>(stream: S, rewrite: (line: string) => string): S {
  const write = stream.write.bind(stream);
  stream.write = (line: string) => write(rewrite(line));
  return stream;
}

/** A library's callers may want silence. */
export const silentLog = (): Logger => pino({ level: 'silent' });

/** Errors of libraries carry requests, URLs and configs; the log wants name, message, code and the stack's top. */
function describeError(err: unknown): object {
  if (!(err instanceof Error)) return { message: redact(String(err)) };
  const { name, message, code } = err as Error & { code?: unknown };
  const at = framesOf(err)
    .slice(0, 3)
    .map((line) => line.trim());
  return { name, message: redact(withoutQuotes(message)), ...(code === undefined ? {} : { code }), at };
}
