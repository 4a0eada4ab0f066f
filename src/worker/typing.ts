import type { WeChat } from '../api/client.ts';
import { ApiError } from '../api/errors.ts';
import { toError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { CapabilityMemory } from '../store/capability.ts';

/** Shows a user that his push is worked on. Returns how to end it. */
export type ShowTyping = (openid: string) => () => void;

/** Milliseconds: whoever gets an answer within the first is not told that it is being written. */
const FIRST = 1000;
/** How long WeChat shows it is not documented. */
const RENEW = 5000;
/** Calls at a time in this process: it has more important ones to make. */
const AT_ONCE = 3;
/** After a refusal that is not about this user and this moment. */
const REST = 60_000;
const SHOWN_ALREADY = 45081;
/** The user did nothing for 30 s. */
const TOO_LATE = 45080;

/**
 * The typing state (客服输入状态): shown once a run has lasted a second and renewed while it goes on, on an account that may
 * send. What goes wrong is of no interest to anybody: nothing is tried again before it would have been renewed. Nor does it
 * say whether the account may send: that is known, and types of accounts differ in what they may besides.
 */
export function createTyping(wechat: WeChat, capability: CapabilityMemory, log: Logger): ShowTyping {
  let underWay = 0;
  let restsUntil = 0;

  const call = async (openid: string, on: boolean): Promise<'done' | 'skipped' | 'refused'> => {
    if (underWay >= AT_ONCE || Date.now() < restsUntil || capability.current !== 'on') return 'skipped';
    underWay++;
    try {
      await wechat.customerService.typing(openid, on);
      return 'done';
    } catch (error) {
      const errcode = error instanceof ApiError ? error.errcode : undefined;
      if (errcode === SHOWN_ALREADY) return 'done';
      if (errcode === TOO_LATE) return 'refused';
      restsUntil = Date.now() + REST;
      log.debug({ err: toError(error) }, 'typing.failed');
      return 'refused';
    } finally {
      underWay--;
    }
  };

  return (openid) => {
    let timer: NodeJS.Timeout | undefined;
    let shown = false;
    let beating: Promise<void> | undefined;
    const beat = async () => {
      timer = setTimeout(next, RENEW);
      const answer = await call(openid, true);
      if (answer === 'done') shown = true;
      if (answer === 'refused') clearTimeout(timer);
    };
    const next = () => {
      beating = beat();
    };
    timer = setTimeout(next, FIRST);
    return () => {
      clearTimeout(timer);
      void beating?.then(() => (shown ? call(openid, false) : undefined));
    };
  };
}
