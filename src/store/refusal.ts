// What Redis answers where it will not do as asked. It is there, so this is not silence, and a person has to act.

/** What kind of no it was, and what to do about each. */
const KINDS = {
  login: {
    says: /^(NOAUTH|WRONGPASS|ERR invalid password)/,
    why: 'Redis refuses the login',
    advice: 'put user and password into REDIS_URL: redis://user:password@host:port; the user must be "on"',
  },
  right: {
    says: /^NOPERM|^ERR The user executing the script can't|ACL failure in script/,
    why: 'this user of Redis may not do what wxrelay needs',
    advice: 'give the user the commands, keys and channels that docs/redis.md lists (ACL SETUSER)',
  },
  command: {
    says: /^ERR unknown command|Unknown Redis command called from script/i,
    why: 'this Redis does not know a command that wxrelay needs',
    advice:
      'take its rename-command out of the configuration of Redis, or use another Redis; docs/redis.md lists the commands',
  },
  replica: {
    says: /^-?READONLY/,
    why: 'this Redis is a replica, which takes no writes',
    advice: 'point REDIS_URL to the master',
  },
  disk: {
    says: /^-?MISCONF/,
    why: 'this Redis cannot write to its disk, and takes no writes until it can',
    advice: 'look at the log of Redis, and at the space and the rights of its dir',
  },
  memory: {
    says: /^-?OOM/,
    why: 'this Redis is at its maxmemory, and takes no writes',
    advice: 'give it more memory, or find out what fills it',
  },
  clients: {
    says: /max number of clients/,
    why: 'this Redis takes no more connections',
    advice: 'raise its maxclients (CONFIG SET maxclients, and the limit of open files), or close other clients',
  },
  loading: {
    says: /^-?LOADING/,
    why: 'this Redis is still reading its data from disk',
    advice: 'wait: it goes on by itself',
  },
  cluster: {
    says: /^-?CLUSTERDOWN/,
    why: 'this Redis Cluster is down',
    advice: 'look at CLUSTER INFO: a node is missing, or slots are not covered',
  },
  slot: {
    says: /^-?(MOVED|ASK|CROSSSLOT|TRYAGAIN)\b/,
    why: 'this Redis is a node of a Cluster, and keeps this key elsewhere',
    advice: 'point REDIS_URL to a Redis that is no Cluster, or to a proxy in front of one',
  },
  replicas: {
    says: /^-?(NOREPLICAS|MASTERDOWN)/,
    why: 'this Redis takes no writes while it has no link to its replicas or its master',
    advice: 'look at its replication (INFO replication) and at min-replicas-to-write',
  },
  busy: {
    says: /^-?BUSY /,
    why: 'this Redis is busy with a script that does not end',
    advice: 'find out whose it is; SCRIPT KILL ends one that has not written',
  },
  protected: {
    says: /^-?DENIED/,
    why: 'this Redis is in protected mode, and takes connections of its own machine alone',
    advice: 'set a password for it, and put it into REDIS_URL',
  },
  database: {
    says: /^ERR (DB index is out of range|invalid DB index|SELECT is not allowed)/,
    why: 'this Redis does not have the database that REDIS_URL names',
    advice: 'take the number from the end of REDIS_URL',
  },
} as const;

export type RefusalKind = keyof typeof KINDS;

const ALL = Object.keys(KINDS) as RefusalKind[];

/** Every kind there is, for the docs. */
export const explanations = () => ALL.map((kind) => ({ kind, why: KINDS[kind].why, advice: KINDS[kind].advice }));

/** These say no to whatever comes. */
const ANY_COMMAND: ReadonlySet<RefusalKind> = new Set(['login', 'clients', 'loading', 'protected', 'database']);

export interface Refusal {
  readonly kind: RefusalKind;
  /** Which command, as far as Redis says: one inside a script may have no name. */
  readonly command: string | undefined;
  /** Something may have been done before it: it was refused in the middle of a script. */
  readonly halfway: boolean;
  readonly why: string;
  readonly advice: string;
}

/** What Redis refused; `undefined` for every other error, above all for one that means that it does not answer. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (!(error instanceof Error)) return undefined;
  const { message } = error;
  const kind = ALL.find((one) => KINDS[one].says.test(message));
  if (!kind) return undefined;
  const { why, advice } = KINDS[kind];
  const inScript = /\bscript\b/.test(message);
  // Only what a script may not do by itself is found out in its middle: all else is refused at its first write.
  const halfway = inScript && (kind === 'right' || kind === 'command');
  const command = ANY_COMMAND.has(kind) ? undefined : commandOf(error, halfway);
  return { kind, command, halfway, why, advice };
}

/** Whether a command is not known to Redis, or not allowed to its user. */
export function isMissing(error: unknown): boolean {
  const kind = refusalOf(error)?.kind;
  return kind === 'right' || kind === 'command';
}

/** One sentence for a person; `undefined` where Redis has refused nothing. */
export function sayRefusal(error: unknown): string | undefined {
  const refusal = refusalOf(error);
  if (!refusal) return undefined;
  const { why, command, advice } = refusal;
  return `${why}${command ? ` (${command})` : ''}: ${advice}.`;
}

/** The command that was sent, for commands that Redis names itself also with its subcommand. */
function commandOf(error: Error, halfway: boolean): string | undefined {
  const named = /run the '([\w|-]+)' command|unknown command ['`]([\w|-]+)/.exec(error.message);
  const name = named?.[1] ?? named?.[2] ?? (halfway ? undefined : commandName(error));
  return name?.replace('|', ' ').toUpperCase();
}

/** The command that an error of the client is about. */
export const commandName = (error: Error): string | undefined =>
  (error as Error & { command?: { name?: string } }).command?.name;
