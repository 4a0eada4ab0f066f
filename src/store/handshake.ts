import type { Redis } from 'ioredis';
import { isMissing, refusalOf } from './refusal.ts';

type Callback = (error: unknown, answer?: unknown) => void;
type Send = (...args: unknown[]) => Promise<unknown>;

/**
 * ioredis sends HELLO, AUTH, SELECT, CLIENT SETNAME and INFO before it uses a connection. Where Redis refuses one of them, it warns on the
 * console, goes on in another database, or fails all that waits for the connection. Here such a connection is closed, `onRefusal`
 * is told, and what waits, waits for the next one; only a login that was never good fails at once.
 */
export function guardHandshake(
  redis: Redis,
  onRefusal: (error: Error) => void,
  onNeedless: (error: Error) => void,
): void {
  let wasGood = false;
  redis.once('ready', () => {
    wasGood = true;
  });
  const closeAndWait = (error: Error) => {
    onRefusal(error);
    redis.disconnect(true);
    return new Promise(() => undefined);
  };
  const waitUnlessWrong = (error: Error) => {
    const kind = refusalOf(error)?.kind;
    // ioredis goes on with AUTH where HELLO is not known.
    const isFinal = !kind || isMissing(error) || (kind === 'login' && !wasGood);
    return isFinal ? fail(error) : closeAndWait(error);
  };
  const onRefused: Record<'hello' | 'auth' | 'select' | 'client' | 'info', (error: Error) => unknown> = {
    hello: waitUnlessWrong,
    auth: (error) => (NEEDS_NO_PASSWORD.test(error.message) ? onNeedless(error) : waitUnlessWrong(error)),
    select: closeAndWait,
    // Its errors are ignored; the next answer is the end of the connection.
    client(error) {
      if (refusalOf(error)?.kind === 'clients') onRefusal(error);
      return fail(error);
    },
    info(error) {
      // Then it says nothing.
      return isMissing(error) ? '' : waitUnlessWrong(error);
    },
  };
  for (const [name, refused] of Object.entries(onRefused)) {
    const commands = redis as unknown as Record<string, Send>;
    const send = (commands[name] as Send).bind(redis);
    commands[name] = (...args) => {
      if (redis.status !== 'connect') return send(...args);
      const callback = typeof args.at(-1) === 'function' ? (args.pop() as Callback) : undefined;
      const answer = send(...args).catch(refused);
      if (callback) answer.then((said) => callback(null, said), callback);
      return answer;
    };
  }
}

const NEEDS_NO_PASSWORD = /no password is set|without any password configured/;
const fail = (error: Error): never => {
  throw error;
};
