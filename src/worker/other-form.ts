// What becomes of a message that WeChat does not take from this account, or with these media: its next form is sent.
import { ApiError, NetworkError } from '../api/errors.ts';
import { UPLOAD_API } from '../api/media.ts';
import { UnsuitableError } from '../api/upload.ts';
import { type Can, carry } from '../delivery/fallback.ts';
import { toError, withoutQuotes } from '../errors.ts';
import type { Logger } from '../log.ts';
import { type AnswerEntry, encodeAnswerEntry } from '../store/entries.ts';
import { userOfKey } from '../store/keys.ts';
import type { Head } from '../store/lanes.ts';
import type { Pages } from '../store/pages.ts';
import { UnfetchableError } from './fetch-file.ts';
import { BusyError } from './fetch-picture.ts';
import type { Outcome } from './stage.ts';

interface Options {
  /** Where PUBLIC_URL is set. */
  readonly pages: Pages | undefined;
  readonly log: Logger;
}

/** What takes the place of a message whose send failed so; `undefined` where no other form would do better. */
export async function otherForm(
  error: unknown,
  head: Head,
  entry: AnswerEntry,
  options: Options,
  facts: object,
): Promise<Outcome | undefined> {
  if (error instanceof BusyError && head.tries < TURNS)
    return { kind: 'back', pause: TURN * (1 + Math.random() / 5), counts: 'tries', facts: '' };
  if (entry.link !== undefined && isPictureMissed(error)) {
    options.log.warn({ ...facts, why: withoutQuotes(toError(error).message) }, 'picture.linked');
    return instead(head, entry, { media: false, link: entry.link }, facts);
  }
  if (isMenuRefused(error, entry)) return instead(head, entry, { menus: false }, facts);
  if (isThumbMissed(error, entry)) return instead(head, entry, { media: false }, facts);
  const unsuitable = isUnsuitable(error);
  if (unsuitable) options.log.warn({ ...facts, why: withoutQuotes((error as Error).message) }, 'media.unsuitable');
  if (!unsuitable && !mayNotUpload(error)) return undefined;
  return instead(head, entry, await withoutMedia(head, entry, options), facts);
}

/** How often a picture of Markdown waits for its turn to be fetched, and how long, in milliseconds. */
const TURNS = 10;
const TURN = 1000;

/** Whatever is wrong with a picture of Markdown, it is no reason to wait: its link says the same. */
const isPictureMissed = (error: unknown) =>
  error instanceof BusyError ||
  error instanceof UnfetchableError ||
  error instanceof UnsuitableError ||
  error instanceof TypeError ||
  ((error instanceof ApiError || error instanceof NetworkError) && error.api === UPLOAD_API) ||
  (error instanceof ApiError && error.row.reaction === 'media');

/** Some types of account may send, but no menus. */
const isMenuRefused = (error: unknown, { message }: AnswerEntry) =>
  error instanceof ApiError && error.errcode === 40200 && message.type === 'msgmenu';

/** Some accounts may send, but upload nothing. */
const mayNotUpload = (error: unknown) =>
  error instanceof ApiError && error.api === UPLOAD_API && error.row.reaction === 'passive-only';

/** A file that WeChat does not take, by what we know or by its own word. */
const isUnsuitable = (error: unknown) =>
  error instanceof UnsuitableError ||
  (error instanceof ApiError && error.api === UPLOAD_API && error.row.reaction === 'drop');

/** The page of this API calls music's thumb required. */
const isThumbMissed = (error: unknown, { message }: AnswerEntry) =>
  error instanceof ApiError && error.row.reaction === 'media' && message.type === 'music' && !message.thumbMediaId;

async function withoutMedia(head: Head, { media, message }: AnswerEntry, { pages }: Options): Promise<Can> {
  // It goes without its thumb.
  if (message.type === 'music') return {};
  const url = media && 'url' in media ? media.url : media && (await pages?.keepFile(userOfKey(head.id), media));
  return { media: false, ...(url ? { url } : {}) };
}

/** The form that the account can send takes the message's place. */
function instead(head: Head, entry: AnswerEntry, can: Can, facts: object): Outcome {
  const { fitted: _, media: __, thumb: ___, link: ____, message, ...rest } = entry;
  const { as, messages } = carry(message, 'send', can);
  const now = messages.map((one, index) => ({
    id: `${head.id}.f${index}`,
    json: encodeAnswerEntry({ ...rest, of: messages.length, message: one }),
  }));
  return { kind: 'refit', count: 1, now, parked: [], facts: `a ${message.type} cannot be sent: ${as}`, result: facts };
}
