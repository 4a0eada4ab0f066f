import { type CustomerServiceOptions, customerServiceMessage } from '../wechat/customer-service.ts';
import type { Message } from '../wechat/message.ts';
import { ApiError } from './errors.ts';
import type { ApiAnswer, ApiRequest, Http } from './http.ts';
import type { TokenSource } from './token.ts';

/** The API of one account. */
export interface WeChat {
  /** Has a token at hand, so that the next call is written at once. */
  warm(): Promise<void>;
  /** Calls any API with the account's token; a token that WeChat refuses is replaced and the call repeated once. */
  call(request: ApiRequest): Promise<ApiAnswer>;
  /** Sends one customer-service message (客服消息). There is no idempotency key: a repeat is a second message. */
  sendCustomerServiceMessage(openid: string, message: Message, options?: CustomerServiceOptions): Promise<void>;
}

export const SEND_API = '/cgi-bin/message/custom/send';

export function createWeChat(http: Http, tokens: TokenSource): WeChat {
  const call = async (request: ApiRequest): Promise<ApiAnswer> => {
    const token = await tokens.get();
    try {
      return await http.call(withToken(request, token));
    } catch (error) {
      if (!(error instanceof ApiError) || error.row.reaction !== 'token') throw error;
      return http.call(withToken(request, await tokens.replace(token)));
    }
  };
  return {
    warm: async () => void (await tokens.get()),
    call,
    async sendCustomerServiceMessage(openid, message, options) {
      const json = customerServiceMessage(openid, message, options);
      await call({ method: 'POST', path: SEND_API, json });
    },
  };
}

const withToken = (request: ApiRequest, token: string): ApiRequest => ({
  ...request,
  query: { ...request.query, access_token: token },
});
