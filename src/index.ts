// The front door. Most people need the first group; the second is for those who compose the processes themselves.

export type { Api } from './api/api.ts';
export type { AutoReplies, AutoRepliesApi, AutoReply, AutoReplyArticle, AutoReplyRule } from './api/auto-replies.ts';
export type { GatewayAccess } from './api/behind-gateway.ts';
export type { BlacklistApi } from './api/blacklist.ts';
export type { CallOptions, WeChat } from './api/client.ts';
export type { Comment, CommentedArticle, CommentsApi } from './api/comments.ts';
export type { ChatRecord, CustomerServiceApi, KfAccount, KfWork, ListedKf, OnlineKf } from './api/customer-service.ts';
export type { DatacubeApi, Figures } from './api/datacube.ts';
export type * from './api/datacube-rows.ts';
export type { DraftArticle, DraftList, DraftsApi, ReadArticle, Slice } from './api/drafts.ts';
export { ApiError, NetworkError } from './api/errors.ts';
export type { ApiAnswer, ApiRequest, Download, FileDownload } from './api/http.ts';
export type { JsSdkApi, JsSdkConfig, TicketCache } from './api/js-sdk.ts';
export type { MassApi, MassArticle, MassFilter, MassImages, MassMessage, MassOptions, MassSent } from './api/mass.ts';
export type {
  AddedMaterial,
  MaterialApi,
  MaterialCount,
  MaterialItem,
  MaterialList,
  MaterialType,
} from './api/material.ts';
export type { MediaApi, MediaType, UploadedMedia } from './api/media.ts';
export type {
  ActionButton,
  CustomMenu,
  MatchRule,
  MenuApi,
  MenuButton,
  ReadMenu,
  SelfMenu,
  SelfMenuButton,
} from './api/menu.ts';
export type { CallbackCheck, NetworkApi } from './api/network.ts';
export type { IdCard, OcrApi, Picture } from './api/ocr.ts';
export type { OpenidPage } from './api/paging.ts';
export type { PublishedList, PublishingApi, PublishState } from './api/publishing.ts';
export type { Qrcode, QrcodesApi, Scene } from './api/qrcodes.ts';
export type { ApiQuota, QuotaApi, RememberedRequest } from './api/quota.ts';
export type * from './api/run-context.ts';
export type { ShortKeysApi } from './api/short-keys.ts';
export { createWeChat, type StandaloneWeChat, type WeChatOptions } from './api/standalone.ts';
export type { OneTimeMessage, SubscribeMessage, SubscriptionsApi } from './api/subscriptions.ts';
export type { Tag, TagsApi } from './api/tags.ts';
export type {
  Industries,
  LinkedMiniProgram,
  PrivateTemplate,
  TemplateData,
  TemplateMessage,
  TemplatesApi,
} from './api/templates.ts';
export type { SharedToken, StoredToken, TokenCache, TokenFailure, Unusable } from './api/token-cache.ts';
export type { Form, UploadSource } from './api/upload.ts';
export type { Language, User, UsersApi } from './api/users.ts';
export { type Config, readConfig, readEnv } from './config.ts';
export { type ChatChunk, type ParagraphOptions, paragraphs } from './delivery/stream.ts';
export { ConfigError } from './errors.ts';
export { checkHandlers } from './handlers/check.ts';
export { type Answers, type Conversation, conversation, type Step } from './handlers/conversation.ts';
export {
  type Answer,
  type AnswerInParts,
  type AnyHandler,
  type Found,
  type Handler,
  handler,
  type Limit,
  type On,
  type PushOf,
  type Quick,
  type Quota,
  type ReplyContext,
  type RunContext,
  type RunResult,
} from './handlers/definition.ts';
export { keywords } from './handlers/keywords.ts';
// All of it, or a module could not add to Session.
export type * from './handlers/session.ts';
export type { Texts } from './handlers/texts.ts';
export { createLog, type Logger, silentLog } from './log.ts';
export {
  createReceiver,
  type Receiver,
  type ReceiverOptions,
  type RunningReceiver,
  startReceiver,
} from './receiver/receiver.ts';
export type { Fate } from './store/fate.ts';
export { createSender, type Queued, type Sender, type SenderOptions, type SendOptions } from './store/sender.ts';
export type { Advice } from './wechat/advice.ts';
export type { CustomerServiceOptions } from './wechat/customer-service.ts';
export type { ErrcodeRow, Reaction } from './wechat/errcodes.ts';
export { PushError, SignatureError } from './wechat/errors.ts';
export { type Explanation, explainReply } from './wechat/explain.ts';
export { pushKeys } from './wechat/keys.ts';
export * from './wechat/message.ts';
export type * from './wechat/push.ts';
export { coordinates, createdAt, sceneOf } from './wechat/values.ts';
export { type RunningWorker, startWorker, type WorkerOptions } from './worker/worker.ts';
