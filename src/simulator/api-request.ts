// What every endpoint of the API side does with a request before it looks at what it asks.
import type { Context, Middleware } from 'koa';
import { readBody } from './body.ts';
import { isObject, type Json } from './custom-message.ts';
import { errorAnswer } from './errcodes.ts';
import type { World } from './world.ts';

const MAX_BODY_BYTES = 256 * 1024;

/** An errcode to answer instead. */
export class Refused extends Error {
  override name = 'Refused' as const;
  errcode: number;
  constructor(errcode: number) {
    super(`errcode ${errcode}`);
    this.errcode = errcode;
  }
}

export const answerRefusals: Middleware = async (ctx, next) => {
  try {
    await next();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    ctx.body = errorAnswer(error.errcode);
  }
};

export function checkToken(world: World, ctx: Context): void {
  const errcode = world.tokens.check(ctx.URL.searchParams.get('access_token'));
  if (errcode !== 0) throw new Refused(errcode);
}

export async function readJson(ctx: Context): Promise<{ body: Json; raw: string }> {
  if (ctx.method !== 'POST') throw new Refused(43002);
  const bytes = await readBody(ctx.req, MAX_BODY_BYTES).catch(() => {
    throw new Refused(45002);
  });
  if (bytes.length === 0) throw new Refused(44002);
  const raw = decoded(bytes);
  const body = parsed(raw);
  if (!isObject(body)) throw new Refused(47001);
  return { body, raw };
}

function decoded(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Refused(40033);
  }
}

function parsed(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    throw new Refused(47001);
  }
}
