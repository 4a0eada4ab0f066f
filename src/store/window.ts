import type { Redis } from 'ioredis';
import type { Quota } from '../handlers/definition.ts';
import type { UserId } from './keys.ts';
import { runScript } from './scripts.ts';

/** The count is used up. */
const NOTHING_LEFT = 45047;
/** The window is shut, or the user follows no longer. */
const SHUT = 45015;

/** What a refused send says of its user's window, as it was known when the send began. */
export async function correctWindow(
  redis: Redis,
  tag: string,
  user: UserId,
  { ends }: Quota,
  errcode: number,
): Promise<void> {
  if (errcode !== NOTHING_LEFT && errcode !== SHUT) return;
  await runScript(redis, 'correctWindow', [tag], [user, errcode === SHUT ? '1' : '', ends]);
}
