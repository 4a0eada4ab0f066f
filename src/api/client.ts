import { type Logger, silentLog } from '../log.ts';
import { type CustomerServiceOptions, customerServiceMessage } from '../wechat/customer-service.ts';
import type { Message } from '../wechat/message.ts';
import type { Api } from './api.ts';
import { type AutoRepliesApi, createAutoRepliesApi } from './auto-replies.ts';
import { type BlacklistApi, createBlacklistApi } from './blacklist.ts';
import { type CustomerServiceApi, createCustomerServiceApi } from './customer-service.ts';
import { createDraftsApi, type DraftsApi } from './drafts.ts';
import { post } from './endpoint.ts';
import { ApiError } from './errors.ts';
import type { ApiRequest, Http } from './http.ts';
import { createJsSdkApi, type JsSdkApi, type TicketCache } from './js-sdk.ts';
import { createMassApi, type MassApi } from './mass.ts';
import { createMaterialApi, type MaterialApi } from './material.ts';
import { createMediaApi, type MediaApi } from './media.ts';
import { createMenuApi, type MenuApi } from './menu.ts';
import { createNetworkApi, type NetworkApi } from './network.ts';
import { createPublishingApi, type PublishingApi } from './publishing.ts';
import { createQrcodesApi, type QrcodesApi } from './qrcodes.ts';
import { type Credentials, createQuotaApi, type QuotaApi } from './quota.ts';
import { createShortKeysApi, type ShortKeysApi } from './short-keys.ts';
import { createSubscriptionsApi, type SubscriptionsApi } from './subscriptions.ts';
import { createTagsApi, type TagsApi } from './tags.ts';
import { createTemplatesApi, type TemplatesApi } from './templates.ts';
import { type TokenSource, tokensFor } from './token.ts';
import { createUsersApi, type UsersApi } from './users.ts';

/**
 * The API of one account. Every method throws {@link ApiError} where WeChat says no, NetworkError where it does not
 * answer, and TypeError, before anything is sent, for what WeChat would refuse. Bodies and answers have WeChat's own field
 * names; ids of 64 bits are text.
 */
export interface WeChat extends Api {
  /** Has a token at hand, so that the next call is written at once. */
  warm(): Promise<void>;
  /** Sends one customer-service message (客服消息). There is no idempotency key: a repeat is a second message. */
  sendCustomerServiceMessage(openid: string, message: Message, options?: CustomerServiceOptions): Promise<void>;
  readonly customerService: CustomerServiceApi;
  readonly menu: MenuApi;
  readonly autoReplies: AutoRepliesApi;
  readonly mass: MassApi;
  readonly drafts: DraftsApi;
  readonly publishing: PublishingApi;
  readonly templates: TemplatesApi;
  readonly subscriptions: SubscriptionsApi;
  readonly users: UsersApi;
  readonly tags: TagsApi;
  readonly blacklist: BlacklistApi;
  readonly qrcodes: QrcodesApi;
  readonly shortKeys: ShortKeysApi;
  readonly jsSdk: JsSdkApi;
  readonly quota: QuotaApi;
  readonly network: NetworkApi;
  readonly media: MediaApi;
  readonly material: MaterialApi;
}

export const SEND_API = '/cgi-bin/message/custom/send';

export interface WeChatParts extends Credentials {
  readonly http: Pick<Http, 'call' | 'download'>;
  readonly tokens: TokenSource;
  readonly tickets?: TicketCache;
  readonly log?: Logger;
}

/** Puts the client together from a connection and a source of tokens that its process has. */
export function composeWeChat({ http, tokens, tickets, log = silentLog(), ...credentials }: WeChatParts): WeChat {
  const api: Api = {
    call: withToken(http.call, tokens),
    download: withToken(http.download, tokens),
  };
  return {
    ...api,
    warm: async () => void (await tokens.get()),
    async sendCustomerServiceMessage(openid, message, options) {
      await post(api, SEND_API, customerServiceMessage(openid, message, options));
    },
    customerService: createCustomerServiceApi(api),
    menu: createMenuApi(api),
    autoReplies: createAutoRepliesApi(api),
    mass: createMassApi(api),
    drafts: createDraftsApi(api),
    publishing: createPublishingApi(api),
    templates: createTemplatesApi(api),
    subscriptions: createSubscriptionsApi(api),
    users: createUsersApi(api),
    tags: createTagsApi(api),
    blacklist: createBlacklistApi(api),
    qrcodes: createQrcodesApi(api),
    shortKeys: createShortKeysApi(api),
    jsSdk: createJsSdkApi(api, { appId: credentials.appId, log, ...(tickets ? { cache: tickets } : {}) }),
    quota: createQuotaApi(api, http, credentials),
    network: createNetworkApi(api),
    media: createMediaApi(api),
    material: createMaterialApi(api),
  };
}

/** Adds the token; one that WeChat refuses is replaced and the request repeated. */
function withToken<T>(send: (request: ApiRequest) => Promise<T>, tokens: TokenSource) {
  return async (request: ApiRequest): Promise<T> => {
    let refusal: unknown;
    for await (const token of tokensFor(tokens, await tokens.get())) {
      try {
        return await send({ ...request, query: { ...request.query, access_token: token } });
      } catch (error) {
        if (!(error instanceof ApiError) || error.row.reaction !== 'token') throw error;
        refusal = error;
      }
    }
    throw refusal;
  };
}
