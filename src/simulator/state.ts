// What GET /simulator/state shows.
import type { Follower } from './followers.ts';
import type { World } from './world.ts';

export type State = ReturnType<typeof readState>;

/** Everything that can be told of the simulator but its secrets; of one follower only, if named. */
export function readState(world: World, openid?: string) {
  const { options, calls } = world;
  const mine = (entry: { openid: string }): boolean => openid === undefined || entry.openid === openid;
  return {
    url: world.url,
    openid: world.openid,
    account: {
      name: options.name ?? '模拟公众号',
      id: world.accountId,
      appId: options.appId,
      encryption: options.encryption,
      receiverUrl: options.receiverUrl,
    },
    settings: { ...world.tokens.settings, ...world.clock },
    followers: world.followers
      .list()
      .filter(mine)
      .map((follower) => viewOf(world, follower)),
    pushes: world.pushes.list().filter(mine),
    messages: world.messages.list().filter(mine),
    media: [...world.media].map(([id, { type, filename, bytes, at }]) => ({
      id,
      type,
      filename,
      size: bytes.length,
      at,
    })),
    sessions: world.sessions.filter(mine),
    calls,
    counters: {
      token: calls['/cgi-bin/token']?.total ?? 0,
      stableToken: calls['/cgi-bin/stable_token']?.total ?? 0,
      sends: calls['/cgi-bin/message/custom/send']?.answers['0'] ?? 0,
      typing: calls['/cgi-bin/message/custom/typing']?.answers['0'] ?? 0,
    },
    faults: world.faults.list(),
  };
}

/** A follower with what is left of window and typing state, so that nobody has to know the simulator's clock. */
export function viewOf(world: World, { openid, following, window, typingUntil }: Follower) {
  const now = Date.now() + world.clock.aheadMs;
  const open = window !== undefined && now < window.until;
  return {
    openid,
    following,
    window: { left: open ? window.left : 0, ms: open ? window.until - now : 0 },
    typingMs: Math.max(0, typingUntil - now),
  };
}
