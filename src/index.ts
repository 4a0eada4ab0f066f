// The front door. Most people need the first group; the second is for those who compose the processes themselves.

export { createWeChat, type WeChat } from './api/client.ts';
export { ApiError, NetworkError } from './api/errors.ts';
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
export { PushError, SignatureError } from './wechat/errors.ts';
export * from './wechat/message.ts';
export type * from './wechat/push.ts';
export { type RunningWorker, startWorker, type WorkerOptions } from './worker/worker.ts';
