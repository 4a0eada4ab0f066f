import type { Redis } from 'ioredis';
import { refusalOf } from './refusal.ts';

type Callback = (error: unknown, answer?: unknown) => void;
type Send = (...args: unknown[]) => Promise<unknown>;

/**
 * ioredis sends AUTH, SELECT, CLIENT SETNAME and INFO before it uses a connection. Where Redis refuses one of them, it warns on the
 * console, goes on in another database, or fails all that waits for the connection. Here such a connection is closed, `onRefusal`
 * is told, and what waits, waits for the next one; only a login that was never good fails at once.
 */
export function guardHandshake(redis: Redis, onRefusal: (error: Error) => void): void {
  let wasGood = false;
  redis.once('ready', () => {
    wasGood = true;
  });
  const closeAndWait = (error: Error) => {
    onRefusal(error);
    redis.disconnect(true);
    return new Promise(() => undefined);
  };
  const onRefused: Record<'auth' | 'select' | 'client' | 'info', (error: Error) => unknown> = {
    auth(error) {
      if (NEEDS_NO_PASSWORD.test(error.message)) return onRefusal(error);
      return isLogin(error) && !wasGood ? fail(error) : closeAndWait(error);
    },
    select: closeAndWait,
    // Its errors are ignored; the next answer is the end of the connection.
    client(error) {
      if (refusalOf(error)?.kind === 'clients') onRefusal(error);
      return fail(error);
    },
    info(error) {
      const kind = refusalOf(error)?.kind;
      // Then it says nothing.
      if (kind === 'right' || kind === 'command') return '';
      return !kind || (kind === 'login' && !wasGood) ? fail(error) : closeAndWait(error);
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
const isLogin = (error: Error) => refusalOf(error)?.kind === 'login';
const fail = (error: Error): never => {
  throw error;
};
