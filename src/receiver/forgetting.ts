import type { Forgetting } from '../store/forgetting.ts';
import { canonicalKey } from '../wechat/keys.ts';
import type { Push } from '../wechat/push.ts';

const DAY = 86_400_000;

/**
 * Whom an event asks us to forget: who unfollows, after some days unless he follows again; who revokes or cancels the
 * authorization to his data, now. Milliseconds since 1970.
 */
export function forgettingOf(push: Push, account: string, days: number, arrived: number): Forgetting | undefined {
  if (push.MsgType !== 'event') return undefined;
  const since = Number(push.CreateTime) || Math.floor(arrived / 1000);
  switch (canonicalKey(`event:${push.Event}`)) {
    case 'event:subscribe':
      return { account, openid: push.FromUserName, since };
    case 'event:unsubscribe':
      return { account, openid: push.FromUserName, due: arrived + days * DAY, since };
    case 'event:user_authorization_revoke':
    case 'event:user_authorization_cancellation':
      // The sender may be the platform; captures have the name in small letters too.
      return {
        account,
        openid: fieldOf(push, 'OpenID') ?? fieldOf(push, 'openid') ?? push.FromUserName,
        due: arrived,
        since,
      };
    default:
      return undefined;
  }
}

function fieldOf(push: Push, name: string): string | undefined {
  const value = (push as { readonly [field: string]: unknown })[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
