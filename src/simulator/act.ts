// What the chat page, a test or a curious person lets a follower do: it is pushed, and its fate is kept.
import { keepMedia } from './media.ts';
import { drawPicture } from './picture.ts';
import { type PushResult, pushToReceiver } from './push.ts';
import { type Act, buildPush, readFacts } from './push-xml.ts';
import { type PushRecord, shortened, type World } from './world.ts';

/** A follower's act, or the XML of a push as it is. */
export type ActRequest = { openid?: string } & (Act | { image: true } | { xml: string });

/** Reads a request from JSON. Throws an Error that says what is missing. */
export function readActRequest(value: { [name: string]: unknown }): ActRequest {
  const kinds = ['text', 'image', 'click', 'event', 'xml'].filter((name) => name in value);
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1)
    throw new Error('give exactly one of "text", "image", "click", "event", "xml"');
  const allowed = kind === 'image' && value['image'] === true ? 'image' : undefined;
  for (const name of ['openid', kind, 'key', 'ticket', 'bizmsgmenuid']) {
    if (name in value && name !== allowed && typeof value[name] !== 'string')
      throw new Error(`"${name}" has to be a string`);
  }
  return value as unknown as ActRequest;
}

/** Resolves when the receiver has answered or the attempts are used up. */
export async function act(world: World, request: ActRequest): Promise<PushRecord> {
  const xml = 'xml' in request ? request.xml : build(world, request);
  const facts = readFacts(xml);
  const openid = request.openid ?? (facts.openid || world.openid);
  const record: PushRecord = { id: world.nextId(), at: Date.now(), openid, facts, xml, attempts: [] };
  world.pushes.add(record);
  world.followers.acted({ ...facts, openid });
  changed(world, record);
  const start = performance.now();
  const { attempts, answer } = await push(world, record);
  record.attempts = attempts;
  record.answer = answer;
  record.ms = Math.round(performance.now() - start);
  changed(world, record);
  world.options.log?.('push.answered', {
    openid: shortened(openid),
    kind: answer.kind,
    attempts: attempts.length,
    ms: record.ms,
    ...(answer.reason === undefined ? {} : { reason: answer.reason }),
  });
  return record;
}

function build(world: World, request: Exclude<ActRequest, { xml: string }>): string {
  const openid = request.openid ?? world.openid;
  const done = 'image' in request ? pictureOf(world, request.image) : request;
  return buildPush({ openid, account: world.accountId }, done);
}

/** Our own picture can be sent back by its MediaId, as one that WeChat has. */
function pictureOf(world: World, image: string | true): { image: string; mediaId?: string } {
  if (image !== true) return { image };
  const picture = { type: 'image', bytes: drawPicture(), filename: 'picture.png', contentType: 'image/png' };
  return { image: `${world.url}/picture.png`, mediaId: keepMedia(world, picture).id };
}

async function push(world: World, record: PushRecord): Promise<PushResult> {
  const { signal } = world.closing;
  try {
    return await pushToReceiver({
      ...world.options,
      xml: record.xml,
      openid: record.openid,
      signal,
      onAttempt: (attempts) => {
        record.attempts = attempts;
        changed(world, record);
      },
    });
  } catch (error) {
    if (!signal.aborted) throw error;
    const answer = { kind: 'fault' as const, reason: 'the simulator was stopped', reasonZh: '模拟器已停止' };
    return { attempts: [...record.attempts], answer };
  }
}

function changed(world: World, record: PushRecord): void {
  world.changes.emit('change', { kind: 'push', record });
}
