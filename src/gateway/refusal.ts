import type { Context, Middleware } from 'koa';
import { GATEWAY_ERRORS, type GatewayErrorBody, type GatewayErrorName } from '../api/gateway-errors.ts';
import { toError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Advice } from '../wechat/advice.ts';

interface More {
  /** Whether bytes of the call had been written to WeChat. */
  readonly written?: boolean;
  /** Milliseconds. */
  readonly retryAfter?: number;
  /** What a person should do. */
  readonly advice?: Advice | undefined;
  /** WeChat's errcode for the same, which a library that takes the gateway for WeChat knows. */
  readonly as?: number;
}

/** The gateway says no, with what to do about it. */
export class Refusal extends Error {
  override name = 'Refusal' as const;
  readonly status: number;
  readonly body: GatewayErrorBody;
  readonly as: number | undefined;

  constructor(kind: GatewayErrorName, errmsg: string, { written = false, retryAfter, advice, as }: More = {}) {
    super(errmsg);
    const [errcode, status] = GATEWAY_ERRORS[kind];
    this.status = status;
    this.as = as;
    const seconds = retryAfter === undefined ? {} : { retry_after: Math.ceil(retryAfter / 1000) };
    const said = `wxrelay gateway: ${errmsg}${advice ? ` What to do: ${advice.en}.` : ''}`;
    this.body = { errcode, errmsg: said, written, ...seconds, ...(advice ? { advice } : {}) };
  }
}

/** Answers refusals in WeChat's form, so that its SDKs show the reason. */
export const answerRefusals =
  (log: Logger): Middleware =>
  async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      if (error instanceof Refusal) return answer(ctx, error);
      log.error({ err: toError(error) }, 'gateway.failed');
      // Nobody knows how far it had come.
      if (!ctx.res.headersSent) answer(ctx, new Refusal('failed', 'it failed; its log says why.', { written: true }));
    }
  };

/** Many libraries look at an errcode only where the status is 200, as WeChat's always is. */
function answer(ctx: Context, { status, body, as }: Refusal): void {
  const isWeChats = ctx.state.errors === 'wechat';
  ctx.status = isWeChats ? 200 : status;
  ctx.state.refused = status;
  if (body.retry_after !== undefined) ctx.set('Retry-After', String(body.retry_after));
  if (ctx.status === 401) ctx.set('WWW-Authenticate', 'Bearer realm="wxrelay"');
  const errcode = (isWeChats ? as : undefined) ?? body.errcode;
  ctx.state.errcode = errcode;
  ctx.body = { ...body, errcode };
}
