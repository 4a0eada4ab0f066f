import { SEND_API, type WeChat } from '../api/client.ts';
import { ApiError } from '../api/errors.ts';
import { isRefusedByGateway } from '../api/gateway-errors.ts';
import { isTokenApi } from '../api/token-request.ts';
import { toError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { CapabilityMemory } from '../store/capability.ts';

const TYPING_API = '/cgi-bin/message/custom/typing';
const CUSTOMER_SERVICE: readonly string[] = [TYPING_API, SEND_API];
/**
 * Answers of the customer-service API about a user, which only an account that may send gets: not a follower, or of another account;
 * nobody wrote lately; too many messages; typing without a message, or shown already. A refusal of the account comes first (48001).
 */
const MEANS_ON = new Set([40003, 45015, 45047, 45080, 45081]);

/**
 * Finds out whether the account may send customer-service messages, where nobody knows: by a typing call, which costs no
 * message. (客服输入状态)
 */
export function createAsk(wechat: WeChat, capability: CapabilityMemory, log: Logger): (openid: string) => void {
  let asking = false;
  const ask = async (openid: string) => {
    if ((await capability.recall()) !== 'unknown') return;
    try {
      await wechat.call({ method: 'POST', path: TYPING_API, json: { touser: openid, command: 'Typing' } });
      await capability.learn('on');
      log.info({ account: 'on' }, 'capability.learned');
    } catch (error) {
      await learnFrom(error, capability, log);
    }
  };
  return (openid) => {
    if (asking || capability.current !== 'unknown') return;
    asking = true;
    ask(openid)
      .catch((error) => log.warn({ err: toError(error) }, 'capability.not_learned'))
      .finally(() => {
        asking = false;
      });
  };
}

/** What a refusal says about the account; nothing, where it is about the user or the moment. */
export async function learnFrom(error: unknown, capability: CapabilityMemory, log: Logger): Promise<void> {
  if (!(error instanceof ApiError)) return;
  const { api, errcode, row } = error;
  // A key may be allowed one API and not another.
  if (isRefusedByGateway(errcode) && api !== SEND_API) return;
  if (isTokenApi(api)) {
    if (row.reaction !== 'retry') await capability.learn('unusable');
  } else if (MEANS_ON.has(errcode) && CUSTOMER_SERVICE.includes(api)) await capability.learn('on');
  else if (row.reaction === 'passive-only') {
    await capability.learn('passive');
    log.warn({ account: 'passive', errcode, meaning: row.meaning.en, who: row.who }, 'capability.learned');
  } else if (row.reaction === 'config') await capability.learn('unusable');
}
