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
}

/** The gateway says no, with what to do about it. */
export class Refusal extends Error {
  override name = 'Refusal' as const;
  readonly status: number;
  readonly body: GatewayErrorBody;

  constructor(kind: GatewayErrorName, errmsg: string, { written = false, retryAfter, advice }: More = {}) {
    super(errmsg);
    const [errcode, status] = GATEWAY_ERRORS[kind];
    this.status = status;
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

function answer(ctx: Context, { status, body }: Refusal): void {
  ctx.status = status;
  if (body.retry_after !== undefined) ctx.set('Retry-After', String(body.retry_after));
  if (status === 401) ctx.set('WWW-Authenticate', 'Bearer realm="wxrelay"');
  ctx.state.errcode = body.errcode;
  ctx.body = body;
}
