import { ConfigError, withoutQuotes } from '../errors.ts';
import { framesOf } from '../hush.ts';
import { redact } from '../redact.ts';
import { sayRefusal } from '../store/refusal.ts';
import { EXIT } from './exit-codes.ts';
import { printError } from './print.ts';

const ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens at that address: start what should, or mend the setting that names it',
  ENOTFOUND: 'no such host: mend the setting that names it, or the DNS of this machine',
  EAI_AGAIN: 'the DNS of this machine does not answer',
  ETIMEDOUT: 'nothing answers at that address: a firewall, or the setting that names it',
  ECONNRESET: 'the other side cut the connection: is it the right port, with TLS on both sides or on neither?',
  EACCES: 'this user may not: give it the right, or name another place',
  EPERM: 'this user may not: give it the right, or name another place',
  EROFS: 'this disk takes no writes: name another place',
  ENOSPC: 'the disk is full: make room',
  ENOENT: 'there is no such file: mend the name',
  EMFILE: 'too many open files: raise the limit (ulimit -n)',
};
const OTHERWISE = 'this is a fault of wxrelay or of a handler: the lines above say where';

/** How many causes are told, and how many frames. */
const DEEPEST = 3;

/**
 * All that is printed of an error that ends a process: what it says, its cause, what to do. Nothing else that it carries, for
 * libraries hang requests, commands and settings on theirs.
 */
export function lastWords(thrown: unknown): string {
  // It says all this itself.
  if (thrown instanceof ConfigError) return redact(thrown.message);
  const lines = chainOf(thrown).map((error, depth) => {
    const { name, message, code } = error as Error & { code?: unknown };
    const coded = typeof code === 'string' && !message.includes(code) ? ` (${code})` : '';
    return `${depth ? 'because of ' : 'wxrelay ends: '}${name}: ${withoutQuotes(message)}${coded}`;
  });
  const [first] = chainOf(thrown);
  const codes = chainOf(thrown).flatMap(({ code }) => (typeof code === 'string' ? [code] : []));
  const advice = sayRefusal(first) ?? codes.map((code) => ADVICE[code]).find(Boolean);
  if (!advice && first) lines.push(...framesOf(first).slice(0, DEEPEST));
  return redact([...lines, `what to do: ${advice ?? OTHERWISE}`].join('\n'));
}

type Coded = Error & { readonly code?: unknown };

function chainOf(thrown: unknown): Coded[] {
  const chain: Coded[] = [];
  for (let error = thrown; error instanceof Error && chain.length < DEEPEST; error = error.cause) chain.push(error);
  // Anything may be thrown; what it holds is nobody's business.
  return chain.length > 0 ? chain : [new Error(typeof thrown === 'string' ? thrown : `a ${typeof thrown} was thrown`)];
}

/** Says the same of what nobody caught, wherever in the process, and ends. */
export function endOnUncaught(): void {
  const end = (thrown: unknown) => {
    printError(lastWords(thrown));
    process.exit(thrown instanceof ConfigError ? EXIT.wrongSetup : EXIT.failed);
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
}
