import type { Middleware } from 'koa';
import { z } from 'zod';
import { toError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { CallLimits } from '../store/call-limits.ts';
import { refusalOf } from '../store/refusal.ts';
import type { Queued, SendOptions } from '../store/sender.ts';
import { countCall } from './access.ts';
import type { Client } from './clients.ts';
import { Refusal } from './refusal.ts';
import { readBody } from './request-body.ts';

interface Options {
  /** Throws TypeError for what WeChat would refuse, and other errors where Redis is away. */
  send(openid: string, answer: unknown, options: SendOptions): Promise<Queued>;
  readonly limits: CallLimits;
  readonly log: Logger;
}

const message = z.looseObject({ type: z.string() });
const body = z
  .strictObject({
    openid: z.string().min(1),
    text: z.string().optional(),
    message: message.or(z.array(z.string().or(message)).min(1)).optional(),
    id: z.string().min(1).max(200).optional(),
    markdown: z.boolean().optional(),
    ai: z.boolean().optional(),
  })
  .refine((given) => (given.text === undefined) !== (given.message === undefined), 'give one of text and message');

/** `POST /send`: leaves a message for a user; 202 once it is durable. No worker has to be alive for that. */
export function sendRoute({ send, limits, log }: Options): Middleware {
  return async (ctx) => {
    const client: Client = ctx.state.client;
    ctx.state.allowed = 'send';
    if (!client.send)
      throw new Refusal('notAllowed', `"${client.name}" may not send: set "send": true in GATEWAY_CONFIG.`);
    await countCall(limits, client, '/send');
    const read = await readBody(ctx.req, (bytes) => {
      ctx.state.bytesIn = bytes;
    });
    if (read.kind === 'stream') {
      read.discard();
      throw new Refusal('tooLarge', 'the body of /send has more than 256 KiB.');
    }
    const parsed = body.safeParse(parse(read.bytes));
    if (!parsed.success) throw new Refusal('badRequest', describe(parsed.error));
    const { openid, text, message: given, ...options } = parsed.data;
    if (readsOurFiles(given))
      throw new Refusal('badRequest', 'media are given as mediaId or url: files would be the gateway’s own.');
    try {
      ctx.body = await send(openid, text ?? given, options as SendOptions);
      ctx.status = 202;
    } catch (error) {
      if (error instanceof TypeError) throw new Refusal('badRequest', error.message);
      if (refusalOf(error)?.halfway === false)
        throw new Refusal('failed', 'Redis refuses it: it was not kept. The log of the gateway says why.');
      log.error({ err: toError(error) }, 'send.not_kept');
      throw new Refusal('failed', 'Redis does not answer: whether it was kept is not known. With an id, repeat it.', {
        written: true,
      });
    }
  };
}

/** A client must not have files of this machine sent to a user. */
function readsOurFiles(given: unknown): boolean {
  return [given].flat().some((one) => {
    const { file, bytes, thumb } = (one ?? {}) as { file?: unknown; bytes?: unknown; thumb?: unknown };
    return file !== undefined || bytes !== undefined || (thumb !== undefined && readsOurFiles(thumb));
  });
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    throw new Refusal('badRequest', 'the body of /send has to be JSON: {"openid":"…","text":"…"}.');
  }
}

const describe = ({ issues }: z.ZodError) =>
  issues.map(({ path, message: what }) => `${path.join('.') || 'the body'}: ${what}`).join('; ');
