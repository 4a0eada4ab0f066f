import { cleanForJson } from '../wechat/cdata.ts';
import { customerServiceMessage } from '../wechat/customer-service.ts';
import { type Message, news, text } from '../wechat/message.ts';
import { chatText } from './markdown.ts';
import { MOST_PICTURES, type Picture } from './pictures.ts';
import { splitNumbered } from './split.ts';
import { withoutThoughts } from './thoughts.ts';

/** One thing that a handler said: a message, or a text of any length. */
export interface Piece {
  readonly message: Message;
  /** What the text was made from, where it was Markdown. */
  readonly markdown?: string;
  /** That as HTML, which the page of a long answer shows: see `markdownHtml`. */
  readonly html?: string;
  /** The pictures among its links, which may become messages: see with-pictures.ts. */
  readonly pictures?: readonly Picture[];
}

export interface PieceOptions {
  /** Texts are Markdown, and become text for a chat: see `wechatText`. Default false. */
  readonly markdown?: boolean;
  /** What a model thought (`<think>…</think>`) is part of a text. Default: where it is no Markdown. */
  readonly showThinking?: boolean;
  /** Pictures of Markdown may become messages; else they are links. Default true. */
  readonly pictures?: boolean;
}

/**
 * What a handler's `run` returned, uncut: texts of any length, and messages that `carry` can bring the open way. Throws a
 * TypeError for what is no answer, or could never be sent.
 */
export function piecesOf(answer: unknown, options: PieceOptions = {}): Piece[] {
  return flatten(answer, options, checkPiece);
}

/** The customer-service messages of what a handler's `run` returned. Throws a TypeError for what is no answer. */
export function partsOf(answer: unknown, options: PieceOptions = {}): Message[] {
  // What cannot be sent is a mistake in the handler, and known now: delivery would try it again and again.
  const pieces = flatten(answer, options, checkSent);
  return pieces.flatMap(({ message }): Message[] =>
    message.type === 'text' ? splitNumbered(message.content).map(text) : [message],
  );
}

function flatten(answer: unknown, options: PieceOptions, check: (message: Message) => unknown): Piece[] {
  if (answer === undefined || answer === null) return [];
  if (Array.isArray(answer)) return answer.flatMap((one) => flatten(one, options, check));
  if (typeof answer === 'string') return textPiece(cleanForJson(answer), options);
  if (!isMessage(answer))
    throw new TypeError(
      `a handler returned ${describe(answer)}; return a string, a message such as text('…'), an array of them, or nothing`,
    );
  if (answer.type === 'text') return flatten(answer.content, options, check);
  check(answer);
  return [{ message: answer }];
}

function textPiece(whole: string, options: PieceOptions): Piece[] {
  const { markdown = false, showThinking = !markdown, pictures = true } = options;
  const given = showThinking ? whole : withoutThoughts(whole);
  const chat = markdown ? chatText(given) : { content: given, pictures: [] };
  const content = (markdown ? cleanForJson(chat.content) : given).trim();
  if (content === '') return [];
  return [
    {
      message: text(content),
      ...(content === given.trim() ? {} : { markdown: given }),
      ...(pictures && chat.pictures.length > 0 ? { pictures: chat.pictures.slice(0, MOST_PICTURES) } : {}),
    },
  ];
}

function checkPiece(message: Message): void {
  // Replies alone; where there is none to give any more, `carry` knows another way.
  if (message.type === 'transfer_customer_service' || message.type === 'transfer_biz_ai_ivr') return;
  if (message.type === 'news' && message.articles.length > 1)
    for (const article of message.articles) customerServiceMessage('', news(article));
  else checkSent(message);
}

/** What is uploaded when it is sent has its id then. */
function checkSent(message: Message): void {
  const { file, url, bytes, thumb } = message as { file?: unknown; url?: unknown; bytes?: unknown; thumb?: unknown };
  const hasSource = (file ?? url ?? bytes) !== undefined && message.type !== 'link';
  const ids = { ...(hasSource ? { mediaId: 'later' } : {}), ...(thumb ? { thumbMediaId: 'later' } : {}) };
  customerServiceMessage('', { ...message, ...ids } as Message);
}

const isMessage = (value: unknown): value is Message =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';

const describe = (value: unknown) => (typeof value === 'object' ? 'an object that is no message' : `a ${typeof value}`);
