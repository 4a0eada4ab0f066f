import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Context, Middleware } from 'koa';
import { readAnswer } from '../api/answer.ts';
import { ApiError } from '../api/errors.ts';
import { tokensFor } from '../api/token-source.ts';
import type { CallLimits } from '../store/call-limits.ts';
import { type CallState, countCall } from './access.ts';
import type { Client } from './clients.ts';
import { masked, maskingStream } from './mask.ts';
import { allowedBy, hasKnownRoot, isCanonical, isNeverProxied } from './paths.ts';
import { Refusal } from './refusal.ts';
import { type CallBody, readBody } from './request-body.ts';
import { type ProxyTokens, tokenOrRefuse } from './tokens.ts';
import type { Upstream, UpstreamAnswer, UpstreamCall } from './upstream.ts';

interface Options {
  readonly tokens: ProxyTokens;
  readonly upstream: Upstream;
  readonly limits: CallLimits;
}

/** Passes calls on to WeChat with the account's token, which never comes back to the client. */
export function createProxy({ tokens, upstream, limits }: Options): Middleware {
  return async (ctx) => {
    const { path, query, client } = ctx.state as CallState & Required<Pick<CallState, 'client'>>;
    ctx.state.allowed = permit(ctx.method, path, client);
    await countCall(limits, client, path);
    const token = await tokenOrRefuse(tokens.get());
    const body = await readBody(ctx.req, (all) => {
      ctx.state.bytesIn = all;
    });
    const call: UpstreamCall = {
      method: ctx.method,
      path,
      query: withoutTokens(query),
      headers: ctx.headers,
      body,
      signal: whenGone(ctx.res),
    };
    try {
      const { answer, secret } = await callWithToken(call, token);
      ctx.state.errcode = answer.errcode;
      await respond(ctx, answer, secret);
    } finally {
      if (body.kind === 'stream') body.discard();
      if (call.signal.aborted) ctx.state.cut = true;
    }
  };

  /** '' where no fresh token is to be had: then WeChat's own words say more than ours. */
  function replace(token: string, again?: boolean): Promise<string> {
    return tokenOrRefuse(tokens.replace(token, again)).catch(() => '');
  }

  async function callWithToken(call: UpstreamCall, first: string): Promise<Answered> {
    let last: Answered | undefined;
    for await (const secret of tokensFor({ replace }, first)) {
      if (last && !secret) break;
      const body = last ? await again(call.body) : call.body;
      if (!body) break;
      const answer = await upstream.call({ ...call, body }, secret);
      last = { answer, secret };
      await hear(tokens, call.path, answer);
      if (!answer.tokenRefused) break;
    }
    return last as Answered;
  }
}

/** The body for a repeat; `undefined` where it cannot be had. */
async function again(body: CallBody): Promise<CallBody | undefined> {
  if (body.kind === 'kept') return body;
  const stream = await body.again();
  return stream && { ...body, stream };
}

interface Answered {
  readonly answer: UpstreamAnswer;
  readonly secret: string;
}

/** A refusal may concern the account, and so every call; an answer says that it can be used. */
async function hear(tokens: ProxyTokens, path: string, { status, json }: UpstreamAnswer): Promise<void> {
  if (status >= 400) return;
  try {
    if (json) readAnswer(path, json.toString());
    await tokens.heard(undefined);
  } catch (error) {
    if (error instanceof ApiError) await tokens.heard(error);
  }
}

/** The entry of the allow-list by which a path may be called; else a refusal that says where to allow it. */
function permit(method: string, path: string, { name, allow }: Client): string {
  if (method !== 'GET' && method !== 'POST') throw new Refusal('badRequest', 'WeChat’s API takes GET and POST.');
  if (!isCanonical(path))
    throw new Refusal('badRequest', 'a path is small letters, digits, "_" and "-" between single slashes.');
  if (isNeverProxied(path))
    throw new Refusal('neverProxied', `${path} hands out tokens or takes the AppSecret, and is never passed on.`);
  if (!hasKnownRoot(path)) throw new Refusal('notFound', `${path} is under no root of the API that is passed on.`);
  const allowed = allowedBy(allow, path);
  if (allowed === undefined)
    throw new Refusal('notAllowed', `"${name}" may not call ${path}: add it to its "allow" in GATEWAY_CONFIG.`);
  return allowed;
}

/** Aborts when the client has gone before its answer was complete. */
function whenGone(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => response.writableFinished || gone.abort());
  return gone.signal;
}

function withoutTokens(query: URLSearchParams): URLSearchParams {
  return new URLSearchParams([...query].filter(([name]) => name.toLowerCase() !== 'access_token'));
}

/** What of WeChat's headers does not concern the client: how it came here, and cookies. */
const HOP_BY_HOP =
  /^(connection|keep-alive|proxy-.+|te|trailer|transfer-encoding|upgrade|set-cookie2?|content-encoding|content-length)$/;

async function respond(ctx: Context, { status, headers, json, stream }: UpstreamAnswer, secret: string): Promise<void> {
  ctx.status = status;
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined && !HOP_BY_HOP.test(name))
      ctx.set(
        name,
        [value].flat().map((text) => text.replaceAll(secret, '***')),
      );
  if (json) {
    const type = headers['content-type'];
    ctx.body = masked(json, secret);
    if (type === undefined) ctx.remove('Content-Type');
    return;
  }
  if (!stream) return;
  const length = headers['content-length'];
  if (length !== undefined) ctx.set('Content-Length', String(length));
  ctx.respond = false;
  ctx.res.statusCode = status;
  let bytes = 0;
  const counted = maskingStream(secret).on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  try {
    await pipeline(Readable.from(stream), counted, ctx.res);
  } catch {
    // WeChat or the client has cut it: the connection is closed, so that half an answer is not taken for a whole one.
    ctx.state.cut = true;
  } finally {
    ctx.state.bytesOut = bytes;
  }
}
