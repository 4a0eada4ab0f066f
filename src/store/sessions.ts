import type { Session } from '../handlers/session.ts';

/** Bytes of JSON. */
const MAX_SESSION = 32_768;

/** A session as it was kept; '' is an empty one. */
export const readSession = (json: string): Session => (json === '' ? {} : (JSON.parse(json) as Session));

/** What a session may not hold. The message says which field, and nothing of what stands in it. */
export class SessionError extends TypeError {
  override readonly name = 'SessionError';
}

/** A session as it is kept. Throws a SessionError for what would not come back as it was, or is more than 32 KiB. */
export function sessionJson(session: Session): string {
  const json = JSON.stringify(session, function (this: Record<string, unknown>, field, value: unknown) {
    // A Date, for one, is text by the time it is here.
    const given = field === '' ? value : this[field];
    if (!isPlain(given)) throw new SessionError(`session holds ${nameOf(given)} in "${field}", which JSON cannot keep`);
    return value;
  });
  const bytes = Buffer.byteLength(json);
  if (bytes > MAX_SESSION)
    throw new SessionError(`session is ${bytes} bytes of JSON, and at most ${MAX_SESSION} are kept: keep less in it`);
  return json;
}

function isPlain(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return !['bigint', 'function', 'symbol'].includes(typeof value);
  const made = Object.getPrototypeOf(value);
  return Array.isArray(value) || made === Object.prototype || made === null;
}

const nameOf = (value: unknown) =>
  typeof value === 'object' ? `a ${value?.constructor.name}` : typeof value === 'number' ? value : `a ${typeof value}`;
