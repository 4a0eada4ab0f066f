import { pushKeys } from '../wechat/keys.ts';
import type { Push } from '../wechat/push.ts';
import { keysOf } from './check.ts';
import type { AnyHandler, Found } from './definition.ts';

/** Where a push goes: decided once, in the receiver, and written into the job. */
export interface Route {
  readonly handler: AnyHandler;
  readonly match: unknown;
}

export type Router = (push: Push) => Route | undefined;

/** The first handler of the list that listens to a push and matches it. A `match` that throws does not match. */
export function createRouter(
  handlers: readonly AnyHandler[],
  onMatchError: (handler: string, error: unknown) => void,
): Router {
  const listening = handlers.map((handler) => ({ handler, keys: keysOf(handler) }));
  return (push) => {
    const keys = pushKeys(push);
    for (const { handler, keys: wanted } of listening) {
      if (!wanted.some((key) => keys.includes(key))) continue;
      try {
        const match = test(handler.match, push);
        if (match !== NO_MATCH) return { handler, match };
      } catch (error) {
        onMatchError(handler.name, error);
      }
    }
    return undefined;
  };
}

const NO_MATCH = Symbol('no match');

function test(match: unknown, push: Push): unknown {
  if (match === undefined) return undefined;
  if (typeof match === 'function') return match(push) || NO_MATCH;
  const said = saidBy(push);
  if (typeof match === 'string') return said === match ? match : NO_MATCH;
  const found = (match as RegExp).exec(said);
  return found ? plain(found) : NO_MATCH;
}

/** What the user said or pressed: the text of a message, what was heard in a voice, the key of an event. */
function saidBy(push: Push): string {
  const { Content, Recognition, EventKey } = push as Partial<Record<string, string>>;
  return Content ?? Recognition ?? EventKey?.replace(/^qrscene_/, '') ?? '';
}

/** JSON drops the named groups of an array, so they travel beside it: see {@link matchToJson}. */
function plain(found: RegExpExecArray): Found {
  const list = Array.from(found, (group) => group ?? '');
  return found.groups ? Object.assign(list, { groups: { ...found.groups } }) : list;
}

export function matchToJson(match: unknown): unknown {
  const groups = Array.isArray(match) ? (match as Found).groups : undefined;
  return groups ? { list: [...(match as Found)], groups } : match;
}

export function matchFromJson(json: unknown): unknown {
  if (typeof json !== 'object' || json === null || !('list' in json && 'groups' in json)) return json;
  return Object.assign([...(json.list as string[])], { groups: json.groups });
}
