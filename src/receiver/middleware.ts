import { parse as parseQuery } from 'node:querystring';
import type { Middleware } from 'koa';
import { CONSOLE } from '../console.ts';
import type { Logger } from '../log.ts';
import * as metrics from '../metrics.ts';
import { PushError } from '../wechat/errors.ts';
import { parsePush } from '../wechat/parse.ts';
import type { Push } from '../wechat/push.ts';
import { readBody } from './body.ts';
import type { Accepted, OnClose } from './case.ts';
import { createRefuse, type Refuse } from './refuse.ts';
import type { Verified, Verifier } from './verify.ts';

interface Options {
  readonly verifier: Verifier;
  readonly accept: (push: Push, arrived: number, onClose: OnClose) => Promise<Accepted>;
  /** Learns that encrypted pushes come; see WECHAT_ENCRYPTION=auto. */
  readonly onVerified: (push: Verified) => void;
  readonly onMalformed: (body: string, why: string) => void;
  /** A request was let time out. */
  readonly onTimeout: () => void;
  readonly log: Logger;
  readonly now: () => number;
  readonly tap?: (direction: 'push' | 'reply', text: string) => void;
}

const HELLO = `wxrelay runs here.
Enter this URL and the Token from WECHAT_TOKEN in the WeChat console, https://developers.weixin.qq.com/platform:
${CONSOLE.push}
The data format (数据格式) is XML.
`;

/** The push endpoint of one account as a Koa middleware: GET verifies the URL, POST takes a push. */
export function createMiddleware(options: Options): Middleware {
  const refuse = createRefuse(options.log);
  return async (ctx) => {
    // Only 200 means accepted; WeChat takes every other status for a failure.
    ctx.status = 404;
    if (ctx.method === 'GET') answerVerification(ctx, options, refuse);
    else if (ctx.method === 'POST') await answerPush(ctx, options, refuse);
    else {
      ctx.status = 405;
      ctx.set('Allow', 'GET, POST');
    }
  };
}

type Ctx = Parameters<Middleware>[0];

/** Names the push as log and trace do, for an access log in front and for the simulator. WeChat reads no headers. */
const KEY_HEADER = 'X-Wxrelay-Key';

function answerVerification(ctx: Ctx, { verifier, log, now }: Options, refuse: Refuse): void {
  if (ctx.querystring === '') {
    ctx.status = 401;
    ctx.body = HELLO;
    return;
  }
  try {
    const echostr = verifier.verifyUrl(ctx.query, now());
    ctx.set('X-Content-Type-Options', 'nosniff');
    ctx.status = 200;
    ctx.type = 'text/plain; charset=utf-8';
    ctx.body = echostr;
    log.info('url.verified');
  } catch (error) {
    refuse(ctx, error);
  }
}

async function answerPush(ctx: Ctx, options: Options, refuse: Refuse): Promise<void> {
  const { verifier, accept, onVerified, log, now, tap } = options;
  const arrived = now();
  const began = performance.now();
  let seconds = metrics.ackSeconds;
  try {
    // Measured: `ctx.query` costs twice as much.
    const query = parseQuery(ctx.querystring);
    verifier.checkQuery(query, arrived);
    const verified = verifier.verifyPush(query, await readBody(ctx), arrived);
    onVerified(verified);
    tap?.('push', verified.xml);
    const push = read(verified.xml, options);
    if (!push) return answer(ctx, '');
    if (typeof query['openid'] === 'string' && query['openid'] !== push.FromUserName)
      log.warn({ type: push.MsgType }, 'push.openid_differs');
    const accepted = await accept(push, arrived, onCloseOf(ctx));
    if (accepted.key !== undefined) ctx.set(KEY_HEADER, accepted.key);
    if (accepted.reply === undefined) return leaveOpen(ctx, options.onTimeout);
    if (accepted.held) seconds = metrics.heldSeconds;
    tap?.('reply', accepted.reply || 'success');
    watch(ctx, accepted);
    answer(ctx, accepted.reply && verified.seal(accepted.reply));
  } catch (error) {
    refuse(ctx, error);
  }
  seconds.observe((performance.now() - began) / 1000);
}

/** `undefined` for what is no push: an error would only make WeChat repeat it, and show the user a fault. */
function read(xml: string, { onMalformed, log }: Options): Push | undefined {
  try {
    return parsePush(xml);
  } catch (error) {
    if (!(error instanceof PushError)) throw error;
    log.error({ why: error.message }, 'push.malformed');
    metrics.pushes.inc({ type: 'other', outcome: 'malformed' });
    onMalformed(xml, error.message);
    return undefined;
  }
}

function answer(ctx: Ctx, reply: string): void {
  ctx.status = 200;
  ctx.type = reply ? 'text/xml; charset=utf-8' : 'text/plain; charset=utf-8';
  ctx.body = reply || 'success';
  metrics.acks.inc({ answer: reply ? 'reply' : 'success' });
}

const onCloseOf =
  ({ res }: Ctx): OnClose =>
  (listener) => {
    if (res.closed) listener();
    res.once('close', listener);
    return () => void res.off('close', listener);
  };

/** Tells whether the answer has left, once that is known. */
function watch({ res }: Ctx, { written, unsent }: Accepted): void {
  if (written) res.once('finish', written);
  if (!unsent) return;
  const onClose = () => {
    if (!res.writableFinished) unsent();
  };
  if (res.closed) onClose();
  else res.once('close', onClose);
}

/** WeChat hangs up after five seconds; whoever does not is hung up on. */
const HANG_UP = 10_000;

function leaveOpen(ctx: Ctx, onTimeout: () => void): void {
  metrics.acks.inc({ answer: 'none' });
  metrics.timeouts.inc();
  onTimeout();
  ctx.respond = false;
  const timer = setTimeout(() => ctx.res.destroy(), HANG_UP).unref();
  ctx.res.once('close', () => clearTimeout(timer));
}
