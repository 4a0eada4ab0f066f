import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ConfigError } from '../errors.ts';
import { HOW_TO_WRITE_A_RATE, type Rate, readRate } from '../limit.ts';
import type { CallLimit } from '../store/call-limits.ts';
import { readText, whyUnread } from '../text-file.ts';
import { GROUPS, hasKnownRoot, isNeverProxied, isPattern } from './paths.ts';

/** A program that may use the gateway. */
export interface Client {
  /** In logs and metrics, where its key never is. */
  readonly name: string;
  /** SHA-256 of each of its keys. */
  readonly keyHashes: readonly string[];
  /** How it is told that the gateway refuses: by the HTTP status, or as WeChat does; by how its key comes, if absent. */
  readonly errors: 'http' | 'wechat' | undefined;
  /** May have the access_token itself. */
  readonly token: boolean;
  /** May leave messages for users: POST /send. */
  readonly send: boolean;
  /** The endpoints it may call through the proxy. */
  readonly allow: readonly string[];
  /** Over all its calls. */
  readonly limit: CallLimit | undefined;
  /** Over its calls of some endpoints. */
  readonly limits: readonly { readonly pattern: string; readonly limit: CallLimit }[];
}

export interface Clients {
  readonly count: number;
  /** Whose key this is. */
  find(key: string): Client | undefined;
  named(name: string): Client | undefined;
}

/** A key of one's own making must be no word; `wxrelay gateway key` makes 43 characters. */
const MIN_KEY = 24;

const key = z
  .string()
  .refine(
    (text) => /^sha256:[0-9a-f]{64}$/.test(text) || (!text.startsWith('sha256:') && text.length >= MIN_KEY),
    `must be a key of at least ${MIN_KEY} characters, or sha256:<64 hex digits> of one: "wxrelay gateway key NAME" makes both`,
  );
const limit = z
  .string()
  .refine((text) => readRate(text) !== undefined, HOW_TO_WRITE_A_RATE)
  .transform((text): CallLimit => {
    const { count, seconds } = readRate(text) as Rate;
    return { calls: count, seconds };
  });
const pattern = z
  .string()
  .refine(isPattern, 'must be a path such as /cgi-bin/user/info, or the beginning of one with * at its end')
  .refine((text) => text === '/*' || hasKnownRoot(text), 'is under no root of the API that the gateway proxies')
  .refine((text) => !isNeverProxied(text), 'is never proxied: it hands out tokens or takes the AppSecret');
const allowed = z.literal(Object.keys(GROUPS)).or(pattern);
const limited = pattern.or(z.literal(['/token', '/send']));
const client = z.strictObject({
  name: z.string().regex(/^[\w.-]{1,40}$/, 'must be 1 to 40 letters, digits, dots, underscores or hyphens'),
  key: z.union([key, z.array(key).min(1).max(2)], 'must be a key, or two while one is replaced'),
  token: z.boolean().default(false),
  send: z.boolean().default(false),
  errors: z.enum(['http', 'wechat'], 'must be "http" or "wechat"').optional(),
  allow: z
    .array(allowed)
    .default([])
    .transform((list) => list.flatMap((entry) => GROUPS[entry] ?? entry)),
  limit: limit.optional(),
  limits: z.record(limited, limit).default({}),
});
const file = z.strictObject({ clients: z.array(client).min(1, 'must name at least one client') });

/** Reads the file of clients. A {@link ConfigError} lists every problem at once; no key is quoted in it. */
export function readClients(path: string): Clients {
  const refuse = (problems: string[]): never => {
    throw new ConfigError(problems.map((problem) => `GATEWAY_CONFIG (${path}): ${problem}`));
  };
  const parsed = file.safeParse(readJson(path, refuse));
  if (!parsed.success) return refuse(parsed.error.issues.map(describe));
  const byHash = new Map<string, Client>();
  const problems: string[] = [];
  const byName = new Map<string, Client>();
  for (const { name, key: given, limit: overall, limits, errors, ...rights } of parsed.data.clients) {
    if (byName.has(name)) problems.push(`two clients are called "${name}": give each a name of its own.`);
    const perEndpoint = Object.entries(limits).map(([endpoint, bound]) => ({ pattern: endpoint, limit: bound }));
    const keyHashes = [given].flat().map((text) => (text.startsWith('sha256:') ? text.slice(7) : hashOf(text)));
    const one: Client = { ...rights, name, keyHashes, errors, limit: overall, limits: perEndpoint };
    byName.set(name, one);
    for (const hash of keyHashes) {
      if (byHash.has(hash))
        problems.push(`"${name}" has the key of another client: make one with "wxrelay gateway key".`);
      byHash.set(hash, one);
    }
  }
  if (problems.length > 0) refuse(problems);
  // Found by its digest: how long that takes tells nothing about how much of a key was right.
  return {
    count: byName.size,
    find: (text) => byHash.get(hashOf(text)),
    named: (name) => byName.get(name),
  };
}

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

function readJson(path: string, refuse: (problems: string[]) => never): unknown {
  let text: string;
  try {
    text = readText(path);
  } catch (error) {
    return refuse([`it cannot be read (${whyUnread(error)}).`]);
  }
  try {
    return JSON.parse(text);
  } catch {
    return refuse(['it is not JSON.']);
  }
}

function describe({ path, message, ...issue }: z.core.$ZodIssue): string {
  const place = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  const inner = 'issues' in issue && Array.isArray(issue.issues) ? issue.issues[0]?.message : undefined;
  return `${place.replace(/^\./, '') || 'it'} ${inner ?? message}`;
}
