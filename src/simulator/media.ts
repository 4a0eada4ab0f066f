// Temporary media (临时素材): what is uploaded is kept for three days and can be downloaded.
import { randomBytes } from 'node:crypto';
import type { Context } from 'koa';
import { checkToken, Refused } from './api-request.ts';
import { readBody } from './body.ts';
import type { Media, World } from './world.ts';

const DAYS = 3 * 86_400_000;
const MB = 1024 * 1024;
/** Kept in memory; an older one is gone, as after three days. */
const MAX_FILES = 200;
const RULES: Record<string, { endings: RegExp; max: number; errcode: number }> = {
  image: { endings: /\.(png|jpe?g|gif)$/i, max: 10 * MB, errcode: 40009 },
  voice: { endings: /\.(amr|mp3)$/i, max: 2 * MB, errcode: 40010 },
  video: { endings: /\.mp4$/i, max: 10 * MB, errcode: 40011 },
  thumb: { endings: /\.jpe?g$/i, max: 64 * 1024, errcode: 40012 },
};
/** Ids that this simulator has given out; any other is somebody's permanent one, and passes. */
const OURS = /^SIM_/;

export async function uploadMedia(world: World, ctx: Context): Promise<void> {
  checkToken(world, ctx);
  if (ctx.method !== 'POST') throw new Refused(43002);
  const type = String(ctx.query['type']);
  const rule = Object.hasOwn(RULES, type) ? RULES[type] : undefined;
  if (rule === undefined) throw new Refused(40004);
  const body = await readBody(ctx.req, 12 * MB).catch(() => {
    throw new Refused(rule.errcode);
  });
  const file = await fileOf(ctx.get('content-type'), body);
  if (file === undefined || file.size === 0) throw new Refused(41005);
  if (!rule.endings.test(file.name)) throw new Refused(40005);
  if (file.size > rule.max) throw new Refused(rule.errcode);
  const bytes = Buffer.from(await file.arrayBuffer());
  const { id, at } = keepMedia(world, { type, bytes, filename: file.name, contentType: file.type });
  ctx.body = { type, media_id: id, created_at: Math.floor(at / 1000) };
}

/** Keeps a file under a new media_id. */
export function keepMedia(world: World, media: Omit<Media, 'at'>): { id: string; at: number } {
  const id = `SIM_${randomBytes(24).toString('base64url')}`;
  const at = now(world);
  const [oldest = ''] = world.media.keys();
  if (world.media.size >= MAX_FILES) world.media.delete(oldest);
  world.media.set(id, { ...media, at });
  return { id, at };
}

/** What a browser may be shown as it is; anything else that was uploaded could be a page. */
const SHOWN: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  mp3: 'audio/mpeg',
  mp4: 'video/mp4',
};

/** For the chat page: a file by its media_id, with the type that its name says. */
export function showMedia(world: World, ctx: Context, id: string): void {
  const media = world.media.get(id);
  const type = SHOWN[media?.filename.split('.').at(-1)?.toLowerCase() ?? ''];
  if (media === undefined || type === undefined || isGone(world, id)) return;
  ctx.set('X-Content-Type-Options', 'nosniff');
  ctx.type = type;
  ctx.body = media.bytes;
}

export function downloadMedia(world: World, ctx: Context): void {
  checkToken(world, ctx);
  const id = String(ctx.query['media_id']);
  const media = world.media.get(id);
  if (media === undefined || isGone(world, id)) throw new Refused(40007);
  ctx.set('Content-disposition', `attachment; filename="${media.filename}"`);
  ctx.type = media.contentType;
  ctx.body = media.bytes;
}

/** Whether a media_id was ours, and is ours no more. */
export function isGone(world: World, id: string): boolean {
  if (!OURS.test(id)) return false;
  const media = world.media.get(id);
  return media === undefined || now(world) - media.at > DAYS;
}

const now = ({ clock }: World): number => Date.now() + clock.aheadMs;

async function fileOf(contentType: string, body: Buffer): Promise<File | undefined> {
  try {
    const form = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData();
    const field = form.get('media');
    return field instanceof File ? field : undefined;
  } catch {
    return undefined;
  }
}
