import { pushKeys } from '../wechat/keys.ts';
import type { Push } from '../wechat/push.ts';
import { keysOf } from './check.ts';
import type { AnyHandler, Found } from './definition.ts';
import { saidBy, saying } from './said.ts';

/** Where a push goes: decided once, in the receiver, and written into the job. */
export interface Route {
  readonly handler: AnyHandler;
  readonly match: unknown;
}

export type Router = (push: Push) => Route | undefined;

/** The first handler of the list that listens to a push and matches it. A `match` that throws does not match. */
export function createRouter(
  handlers: readonly AnyHandler[],
  onMatchError: (handler: string, error: unknown, push: Push) => void,
): Router {
  const listening = handlers.map((handler) => ({ handler, keys: keysOf(handler), find: finderOf(handler.match) }));
  return (push) => {
    const keys = pushKeys(push).map((key) => key.toLowerCase());
    for (const { handler, keys: wanted, find } of listening) {
      if (!wanted.some((key) => keys.includes(key))) continue;
      try {
        const match = find(push);
        if (match !== NO_MATCH) return { handler, match };
      } catch (error) {
        onMatchError(handler.name, error, push);
      }
    }
    return undefined;
  };
}

const NO_MATCH = Symbol('no match');

function finderOf(match: unknown): (push: Push) => unknown {
  if (match === undefined) return () => undefined;
  if (typeof match === 'function') return (push) => atOnce(match(push)) || NO_MATCH;
  if (typeof match === 'string') {
    const says = saying(match);
    return (push) => (says(push) ? match : NO_MATCH);
  }
  return (push) => {
    for (const said of saidBy(push)) {
      const found = (match as RegExp).exec(said);
      if (found) return plain(found);
    }
    return NO_MATCH;
  };
}

/** Every promise is truthy, so that an async match would take every push. */
function atOnce(found: unknown): unknown {
  if (!(found instanceof Promise)) return found;
  found.catch(() => undefined);
  throw new TypeError('match must not be async: a push is routed at once');
}

/** Plain data; what took no part in the match is ''. */
function plain(found: RegExpExecArray): Found {
  const list = Array.from(found, (group) => group ?? '');
  if (!found.groups) return list;
  const groups = Object.fromEntries(Object.entries(found.groups).map(([name, group]) => [name, group ?? '']));
  return Object.assign(list, { groups });
}

/** JSON drops the named groups of an array, so they travel beside it. */
export function matchToJson(match: unknown): unknown {
  const groups = Array.isArray(match) ? (match as Found).groups : undefined;
  return groups ? { RegExp: [...(match as Found)], groups } : match;
}

export function matchFromJson(json: unknown): unknown {
  if (typeof json !== 'object' || json === null || !('RegExp' in json && 'groups' in json)) return json;
  return Object.assign([...(json.RegExp as string[])], { groups: json.groups });
}
