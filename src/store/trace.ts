import type { Redis } from 'ioredis';
import type { Names, PushKey, UserId } from './keys.ts';
import { userOfKey } from './keys.ts';

/** One thing that happened to a push. */
export interface Step {
  /** Milliseconds, by Redis's clock. */
  readonly at: number;
  readonly key: PushKey;
  /** The part, from 0, where the step is about one of an answer; `sorry0` of what is said when it was given up on. */
  readonly part?: string;
  readonly what: string;
}

/** All that is known of a user's last pushes, oldest first; of one push where `key` is given. Kept 7 days, 500 steps a user. */
export async function readTrace(redis: Redis, names: Names, of: { user: UserId } | { key: PushKey }): Promise<Step[]> {
  const user = 'key' in of ? userOfKey(of.key) : of.user;
  const lines = await redis.lrange(`${names.tagOf(user)}:trace:${user}`, 0, -1);
  const steps = lines.map(readStep);
  return 'key' in of ? steps.filter(({ key }) => key === of.key) : steps;
}

/** As lines to be read, push by push, with the seconds since the first step of each. */
export function describeSteps(steps: readonly Step[]): string[] {
  return [...new Set(steps.map(({ key }) => key))].flatMap((key) => {
    const ofPush = steps.filter((step) => step.key === key);
    const start = ofPush[0]?.at ?? 0;
    return [
      `${key}   ${new Date(start).toISOString()}`,
      ...ofPush.map(({ at, part, what }) => {
        const seconds = ((at - start) / 1000).toFixed(3).padStart(9);
        return `${seconds} s  ${part === undefined ? '' : `part ${part}: `}${what}`;
      }),
    ];
  });
}

function readStep(line: string): Step {
  const [at = '', id = '', ...what] = line.split(' ');
  const [key = '', part] = id.split('~');
  return { at: Number(at), key, ...(part === undefined ? {} : { part }), what: what.join(' ') };
}
