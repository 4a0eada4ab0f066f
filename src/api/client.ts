import { withoutQuotes } from '../errors.ts';
import { type Logger, silentLog } from '../log.ts';
import { type CustomerServiceOptions, customerServiceMessage } from '../wechat/customer-service.ts';
import { isUnknown } from '../wechat/errcodes.ts';
import type { Message } from '../wechat/message.ts';
import { unlessAborted } from './abort.ts';
import type { Api } from './api.ts';
import { type AutoRepliesApi, createAutoRepliesApi } from './auto-replies.ts';
import { type BlacklistApi, createBlacklistApi } from './blacklist.ts';
import { type CommentsApi, createCommentsApi } from './comments.ts';
import { type CustomerServiceApi, createCustomerServiceApi } from './customer-service.ts';
import { createDatacubeApi, type DatacubeApi } from './datacube.ts';
import { createDraftsApi, type DraftsApi } from './drafts.ts';
import { callAny, post } from './endpoint.ts';
import { ApiError, NetworkError } from './errors.ts';
import type { ApiAnswer, ApiRequest, Http } from './http.ts';
import { createJsSdkApi, type JsSdkApi, type TicketCache } from './js-sdk.ts';
import { createMassApi, type MassApi } from './mass.ts';
import { createMaterialApi, type MaterialApi } from './material.ts';
import { createMediaApi, type MediaApi } from './media.ts';
import { createMenuApi, type MenuApi } from './menu.ts';
import { createNetworkApi, type NetworkApi } from './network.ts';
import { createOcrApi, type OcrApi } from './ocr.ts';
import { createPublishingApi, type PublishingApi } from './publishing.ts';
import { createQrcodesApi, type QrcodesApi } from './qrcodes.ts';
import { type Credentials, createQuotaApi, type QuotaApi } from './quota.ts';
import { createShortKeysApi, type ShortKeysApi } from './short-keys.ts';
import { createSubscriptionsApi, type SubscriptionsApi } from './subscriptions.ts';
import { createTagsApi, type TagsApi } from './tags.ts';
import { createTemplatesApi, type TemplatesApi } from './templates.ts';
import { type TokenSource, tokensFor } from './token-source.ts';
import { createUsersApi, type UsersApi } from './users.ts';

/**
 * The API of one account. Every method throws {@link ApiError} where WeChat says no, NetworkError where it does not
 * answer, and TypeError, before anything is sent, for what WeChat would refuse. Bodies and answers have WeChat's own field
 * names; ids of 64 bits are text.
 */
export interface WeChat extends Api {
  /**
   * Calls an API that has no method here, with the same token, retries and errors: `call('POST', '/cgi-bin/…', body)`. Of a GET the
   * body is its query. Answers its fields, without errcode. A GET that changes something is better called by the longer form, with
   * `retries: 0`.
   */
  call<Answer extends object = ApiAnswer>(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer>;
  /** The longer form, for uploads and all the rest; answers with errcode and errmsg. */
  call(request: ApiRequest): Promise<ApiAnswer>;
  /** The same client, whose calls `signal` ends: with a NetworkError, not in doubt where not a byte had been written. */
  with(options: CallOptions): WeChat;
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
  readonly comments: CommentsApi;
  readonly datacube: DatacubeApi;
  readonly ocr: OcrApi;
}

export interface CallOptions {
  readonly signal: AbortSignal;
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
    call: noting(withToken(http.call, tokens), log),
    download: noting(withToken(http.download, tokens), log),
  };
  const jsSdk = createJsSdkApi(api, { appId: credentials.appId, log, ...(tickets ? { cache: tickets } : {}) });
  return clientOf({ api, http, jsSdk, warm: async () => void (await tokens.get()), credentials });
}

interface ClientParts {
  readonly api: Api;
  /** Without a token. */
  readonly http: Pick<Http, 'call'>;
  readonly jsSdk: JsSdkApi;
  warm(): Promise<void>;
  readonly credentials: Credentials;
}

function clientOf(parts: ClientParts): WeChat {
  const { api, http, jsSdk, warm, credentials } = parts;
  return {
    ...api,
    call: ((first: ApiRequest | string, path = '', body?: object) =>
      typeof first === 'string' ? callAny(api, first, path, body) : api.call(first)) as WeChat['call'],
    with: ({ signal }) => clientOf(endedBy(signal, parts)),
    warm,
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
    jsSdk,
    quota: createQuotaApi(api, http, credentials),
    network: createNetworkApi(api),
    media: createMediaApi(api),
    material: createMaterialApi(api),
    comments: createCommentsApi(api),
    datacube: createDatacubeApi(api),
    ocr: createOcrApi(api),
  };
}

/** What several calls wait for together, the token and the JS-SDK ticket, goes on without the one that is ended. */
function endedBy(signal: AbortSignal, { api, http, jsSdk, warm, credentials }: ClientParts): ClientParts {
  const ending =
    <T>(send: (request: ApiRequest) => Promise<T>) =>
    (request: ApiRequest) =>
      send({ ...request, signal: request.signal ? AbortSignal.any([request.signal, signal]) : signal });
  return {
    api: { call: ending(api.call), download: ending(api.download) },
    http: { call: ending(http.call) },
    jsSdk: {
      ticket: () => waitedFor('jsapi_ticket', signal, jsSdk.ticket()),
      signature: (url) => waitedFor('jsapi_ticket', signal, jsSdk.signature(url)),
    },
    warm: () => waitedFor('access_token', signal, warm()),
    credentials,
  };
}

/** Nothing of a call has been written while it waits for this. */
const waitedFor = <T>(what: string, signal: AbortSignal | undefined, waiting: Promise<T>): Promise<T> =>
  unlessAborted(signal, waiting, ({ message }) => new NetworkError(what, false, message));

/** WeChat's own log of this request, by its rid, may be all that there is to learn about an errcode that has no row. */
function noting<T>(send: (request: ApiRequest) => Promise<T>, log: Logger) {
  return async (request: ApiRequest): Promise<T> => {
    try {
      return await send(request);
    } catch (error) {
      if (error instanceof ApiError && isUnknown(error.row)) {
        const { api, errcode, errmsg, rid } = error;
        log.warn({ api, errcode, errmsg: withoutSecrets(errmsg).slice(0, 200), rid }, 'errcode.unknown');
      }
      throw error;
    }
  };
}

/** What is quoted may be a user's words, and a URL has the token in its query. */
const withoutSecrets = (errmsg: string): string => withoutQuotes(errmsg).replace(/\?\S*/g, '?…');

/** Adds the token; one that WeChat refuses is replaced and the request repeated. */
function withToken<T>(send: (request: ApiRequest) => Promise<T>, tokens: TokenSource) {
  return async (request: ApiRequest): Promise<T> => {
    let refusal: unknown;
    const { path, signal } = request;
    const first = await waitedFor(path, signal, tokens.get());
    const replace = (...refused: [string, boolean?]) => waitedFor(path, signal, tokens.replace(...refused));
    for await (const token of tokensFor({ replace }, first)) {
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
