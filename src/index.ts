// The front door. Most people need the first group; the second is for those who compose the processes themselves.

export type { BlacklistApi } from './api/blacklist.ts';
export type { WeChat } from './api/client.ts';
export type { ChatRecord, CustomerServiceApi, KfAccount, ListedKf, OnlineKf } from './api/customer-service.ts';
export type { DraftArticle, DraftList, DraftsApi, ReadArticle, Slice } from './api/drafts.ts';
export { ApiError, NetworkError } from './api/errors.ts';
export type { ApiAnswer, ApiRequest } from './api/http.ts';
export type { JsSdkApi, JsSdkConfig, TicketCache } from './api/js-sdk.ts';
export type { MassApi, MassFilter, MassImages, MassMessage, MassOptions, MassSent } from './api/mass.ts';
export type { ActionButton, CustomMenu, MatchRule, MenuApi, MenuButton, ReadMenu } from './api/menu.ts';
export type { CallbackCheck, NetworkApi } from './api/network.ts';
export type { OpenidPage } from './api/paging.ts';
export type { PublishedList, PublishingApi, PublishState } from './api/publishing.ts';
export type { Qrcode, QrcodesApi, Scene } from './api/qrcodes.ts';
export type { ApiQuota, QuotaApi, RememberedRequest } from './api/quota.ts';
export type { ShortKeysApi } from './api/short-keys.ts';
export { createWeChat, type StandaloneWeChat, type WeChatOptions } from './api/standalone.ts';
export type { OneTimeMessage, SubscribeMessage, SubscriptionsApi } from './api/subscriptions.ts';
export type { Tag, TagsApi } from './api/tags.ts';
export type { PrivateTemplate, TemplateData, TemplateMessage, TemplatesApi } from './api/templates.ts';
export type { StoredToken, TokenCache } from './api/token.ts';
export type { Language, User, UsersApi } from './api/users.ts';
export { type Config, readConfig, readEnv } from './config.ts';
export { ConfigError } from './errors.ts';
export { checkHandlers } from './handlers/check.ts';
export {
  type Answer,
  type Found,
  type Handler,
  handler,
  type On,
  type PushOf,
  type ReplyContext,
  type RunContext,
} from './handlers/definition.ts';
export { createLog, type Logger, silentLog } from './log.ts';
export {
  createReceiver,
  type Receiver,
  type ReceiverOptions,
  type RunningReceiver,
  startReceiver,
} from './receiver/receiver.ts';
export { createSender, type Queued, type Sender, type SenderOptions, type SendOptions } from './store/sender.ts';
export { PushError, SignatureError } from './wechat/errors.ts';
export * from './wechat/message.ts';
export type * from './wechat/push.ts';
export { type RunningWorker, startWorker, type WorkerOptions } from './worker/worker.ts';
