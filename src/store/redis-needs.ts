// What a user of Redis must be allowed for all processes to work: docs/redis.md and the check at the start come from here.
import { Redis } from 'ioredis';
import { metaKey } from './keys.ts';
import { isMissing } from './refusal.ts';

/** Commands on data, our scripts' and BullMQ's among them, by how many arguments Redis wants of each at least. */
const ON_DATA: readonly (readonly [count: number, names: string])[] = [
  [0, 'PING TIME'],
  [1, 'DEL EXISTS GET HGETALL HLEN INCR LLEN LPOP PERSIST PTTL RPOP SCARD SMEMBERS TYPE UNLINK XLEN ZCARD ZPOPMIN'],
  [1, 'ZRANDMEMBER'],
  [2, 'BZPOPMIN EXPIRE HDEL HEXISTS HGET HMGET HSCAN INCRBY LINDEX LPOS LPUSH PEXPIRE PEXPIREAT RENAME RPOPLPUSH'],
  [2, 'RPUSH SADD SET SISMEMBER SREM SSCAN XDEL ZREM ZSCORE'],
  [
    3,
    'HINCRBY HINCRBYFLOAT HMSET HSET HSETNX LRANGE LREM LSET LTRIM XRANGE XTRIM ZADD ZCOUNT ZLEXCOUNT ZRANGE ZRANGEBYLEX',
  ],
  [3, 'ZRANGEBYSCORE ZREMRANGEBYRANK ZREMRANGEBYSCORE ZREVRANGE ZREVRANGEBYSCORE'],
  [4, 'XADD'],
];

/** Each command that is needed, with arguments of a harmless call of it. */
const needed = (key: string): [name: string, ...args: string[]][] => [
  ...ON_DATA.flatMap(([count, names]) =>
    names.split(' ').map((name): [string, ...string[]] => [name, ...Array<string>(count).fill(key)]),
  ),
  ['XREAD', 'STREAMS', key, '0'],
  ['SCAN', '0'],
  ['EVAL', 'return 1', '1', key],
  ['EVALSHA', '0'.repeat(40), '1', key],
  ['SCRIPT|EXISTS', '0'.repeat(40)],
  ['SCRIPT|LOAD', 'return 1'],
];
const TRANSACTION = ['MULTI', 'EXEC', 'DISCARD'];

/** Without one of these all works, but for what is said here. */
export const OPTIONAL: Readonly<Record<string, string>> = {
  INFO: 'its version, its maxmemory-policy, and whether it is a replica are not checked at the start',
  'CONFIG|GET': 'its appendfsync is not checked at the start',
  SUBSCRIBE: 'answers are found a little later than they could be',
  PUBLISH: 'answers are found a little later than they could be',
  BGREWRITEAOF: 'a user who is forgotten stays in the append-only file until Redis rewrites it by itself',
  'CLIENT|SETNAME': 'the monitor does not list the workers',
  'CLIENT|LIST': 'the monitor does not list the workers',
  SELECT: 'REDIS_URL may name no database',
};

export const NEEDED: readonly string[] = [...needed('').map(([name]) => name), ...TRANSACTION].sort();

/** The rights as ACL SETUSER takes them. */
export const aclRules = (prefix: string, commands: readonly string[] = NEEDED): string[] => [
  'resetkeys',
  `~{${prefix}:*`,
  'resetchannels',
  `&{${prefix}:*:nudge`,
  '-@all',
  ...commands.map((name) => `+${name.toLowerCase()}`),
];

const isOptionalName = new Set(Object.keys(OPTIONAL).map((name) => name.split('|')[0]));

/** Whether whoever sent this command can do without it. */
export const isOptional = (name: string | undefined): boolean => isOptionalName.has(name?.toUpperCase());

/** What `missingRights` finds, as the error that Redis answers the first of it with; settles where nothing is missing. */
export async function demandRights(url: string, prefix: string): Promise<void> {
  const [first] = await askForRights(url, prefix);
  if (first) throw first.error;
}

/** Which needed commands Redis does not know or this user of it may not run, and `its keys` where those are closed to it. */
export async function missingRights(url: string, prefix: string): Promise<string[]> {
  const missing = await askForRights(url, prefix);
  return [...new Set(missing.map(({ name }) => name))].sort();
}

interface Missing {
  readonly name: string;
  readonly error: Error;
}

/** Executes nothing: all is asked for inside a transaction that is discarded. Empty where Redis refuses for another reason. */
async function askForRights(url: string, prefix: string): Promise<Missing[]> {
  const redis = new Redis(url, {
    lazyConnect: true,
    enableReadyCheck: false,
    disableClientInfo: true,
    retryStrategy: () => null,
    commandTimeout: 2000,
  });
  redis.on('error', () => undefined);
  const ask = async ([name = '', ...args]: readonly string[]): Promise<Missing[]> => {
    const [command = '', ...sub] = name.split('|');
    try {
      await redis.call(command, ...sub, ...args);
      return [];
    } catch (error) {
      return isMissing(error) ? [{ name: nameOf(name, error as Error), error: error as Error }] : [];
    }
  };
  try {
    await redis.connect();
    // Outside of a transaction all that follows would be executed.
    if ((await redis.call('MULTI')) !== 'OK') return [];
    const asked = [...needed(`${metaKey(prefix)}:asked`), ['DISCARD'], ['EXEC']];
    return (await Promise.all(asked.map(ask))).flat();
  } catch (error) {
    return isMissing(error) ? [{ name: 'MULTI', error: error as Error }] : [];
  } finally {
    redis.disconnect();
  }
}

const nameOf = (name: string, { message }: Error): string =>
  /access (one of the|a) keys?/.test(message) ? 'its keys' : name.replace('|', ' ');
