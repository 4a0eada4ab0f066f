/** What becomes of a message that cannot go the open way. */
import { type Article, type Message, type Music, news, text } from '../wechat/message.ts';

/** `send` is a customer-service message, `reply` the one passive reply of a push. */
export type Way = 'send' | 'reply';

/** What is possible just now. */
export interface Can {
  /** Media ids work: the account may upload, or has the id. Default true. */
  readonly media?: boolean;
  /** A menu may be sent (40200 says no). Default true. */
  readonly menus?: boolean;
  /** Articles in a news reply: `articleLimit(push)`. Default 1. */
  readonly articles?: number;
  /** Where the receiver serves this message's picture, sound or film, or where its card or article can be read. */
  readonly url?: string;
  /** Said instead of a picture that Markdown wrote, where media do not work. */
  readonly link?: string;
}

/**
 * What is said instead:
 * - `itself`: nothing, the message as it is;
 * - `numbered text`: the menu's items, with numbers to answer with;
 * - `article`: a news message with one article that shows or leads to it;
 * - `first article, rest as links`: two messages;
 * - `links`: a text with a link each;
 * - `mini-program link`: a text that opens the mini-program;
 * - `notice`: a text that says what cannot be shown here;
 * - `session`: no message; a session with a human agent is created by API (kfsession/create);
 * - `refusal`: no message; the trace and an alert have to say so, for there is nothing to tell the user.
 */
export type Form =
  | 'itself'
  | 'numbered text'
  | 'article'
  | 'first article, rest as links'
  | 'links'
  | 'mini-program link'
  | 'notice'
  | 'session'
  | 'refusal';

type Forms = readonly [...Form[], Form];
type Row = Readonly<Record<Way, Forms>>;

const MEDIA: Row = { send: ['itself', 'links', 'notice'], reply: ['itself', 'links', 'notice'] };
const READABLE: Row = { send: ['itself'], reply: ['links', 'notice'] };

/** For each message and way the forms, best first. The first that is possible is taken, and the last always is. */
export const FALLBACKS: Readonly<Record<Message['type'], Row>> = {
  text: { send: ['itself'], reply: ['itself'] },
  image: { send: ['itself', 'article', 'notice'], reply: ['itself', 'article', 'notice'] },
  voice: MEDIA,
  video: MEDIA,
  music: MEDIA,
  news: { send: ['itself', 'first article, rest as links'], reply: ['itself', 'links'] },
  msgmenu: { send: ['itself', 'numbered text'], reply: ['numbered text'] },
  miniprogrampage: { send: ['itself', 'mini-program link'], reply: ['links', 'notice'] },
  wxcard: READABLE,
  mpnewsarticle: READABLE,
  mpnews: { send: ['itself', 'links', 'notice'], reply: ['links', 'notice'] },
  link: { send: ['itself'], reply: ['article'] },
  transfer_customer_service: { send: ['session'], reply: ['itself'] },
  transfer_biz_ai_ivr: { send: ['refusal'], reply: ['itself'] },
};

export interface Carried {
  readonly as: Form;
  /** None where `as` is `session` or `refusal`. Texts may be longer than a part. */
  readonly messages: readonly Message[];
}

/** The message as the open way can carry it. Nothing is dropped: what cannot be carried says so, to the user or in `as`. */
export function carry(message: Message, way: Way, can: Can = {}): Carried {
  if (can.link !== undefined && can.media === false) return { as: 'links', messages: [text(can.link)] };
  const forms = FALLBACKS[message.type][way];
  for (const as of forms) {
    const messages = MAKE[as](message, way, can);
    if (messages !== undefined) return { as, messages };
  }
  throw new TypeError(`A ${message.type} message has no form to ${way}.`);
}

/** How each form is made; undefined where it is not possible. */
const MAKE: Readonly<Record<Form, (message: Message, way: Way, can: Can) => readonly Message[] | undefined>> = {
  itself: (message, way, can) => (goes(message, way, can) ? [message] : undefined),
  'numbered text': (message) => (message.type === 'msgmenu' ? [text(numberedMenu(message))] : undefined),
  article: (message, _way, { url }) => asArticle(message, url),
  'first article, rest as links': (message) => {
    if (message.type !== 'news') return undefined;
    const [first, ...rest] = message.articles;
    return first === undefined ? undefined : [news(first), text(rest.map(articleLink).join('\n\n'))];
  },
  links: (message, _way, { url }) => asLinks(message, url),
  'mini-program link': (message) =>
    message.type === 'miniprogrampage'
      ? [
          text(
            `<a data-miniprogram-appid="${attribute(message.appId)}" data-miniprogram-path="${attribute(message.pagePath)}">${label(message.title)}</a>`,
          ),
        ]
      : undefined,
  notice: (message) => [text(notice(message))],
  session: () => [],
  refusal: () => [],
};

function goes(message: Message, way: Way, { media = true, menus = true, articles = 1 }: Can): boolean {
  switch (message.type) {
    case 'image':
    case 'voice':
      return media;
    case 'video':
      return media && (way === 'reply' || (message.thumbMediaId ?? message.thumb) !== undefined);
    case 'music':
    case 'miniprogrampage':
      return media;
    case 'mpnews':
      return media;
    case 'news':
      return message.articles.length <= (way === 'reply' ? articles : 1);
    case 'msgmenu':
      return menus;
    default:
      return true;
  }
}

function numberedMenu({ head, items, tail }: Extract<Message, { type: 'msgmenu' }>): string {
  const lines = items.map(({ content }, index) => `${index + 1}. ${content}`);
  return [head, ...lines, tail].filter((line) => line !== undefined && line !== '').join('\n');
}

function asArticle(message: Message, url: string | undefined): readonly Message[] | undefined {
  if (message.type === 'link') {
    const { title, description, url: to, thumbUrl } = message;
    return [news({ title, description, url: to, picUrl: thumbUrl })];
  }
  return url === undefined ? undefined : [news({ title: KINDS[message.type] ?? '', picUrl: url, url })];
}

function asLinks(message: Message, url: string | undefined): readonly Message[] | undefined {
  if (message.type === 'news') return [text(message.articles.map(articleLink).join('\n\n'))];
  const to = url ?? (message.type === 'music' ? soundOf(message) : undefined);
  if (to === undefined) return undefined;
  const { title, description } = message as { title?: string; description?: string };
  const kind = KINDS[message.type] ?? '';
  return [
    text(articleLink({ title: title ? `${kind}：${title}` : kind, url: to, ...(description ? { description } : {}) })),
  ];
}

const soundOf = ({ musicUrl, hqMusicUrl }: Music) => musicUrl || hqMusicUrl || undefined;

/** The title as a link, and what stands under it. A picture that leads nowhere is the link. */
function articleLink({ title, description, url, picUrl }: Article): string {
  const to = url || picUrl;
  const head = to ? `<a href="${attribute(to)}">${label(title)}</a>` : title;
  return description ? `${head}\n${description}` : head;
}

/** What a message is called where it cannot be shown. */
const KINDS: Partial<Record<Message['type'], string>> = {
  image: '图片',
  voice: '语音',
  video: '视频',
  music: '音乐',
  miniprogrampage: '小程序',
  wxcard: '卡券',
  mpnewsarticle: '文章',
  mpnews: '文章',
};

function notice(message: Message): string {
  const { title, description } = message as { title?: string; description?: string };
  return [`[${KINDS[message.type] ?? ''}] ${title ?? ''}`.trim(), description, '（暂时无法在这里显示）']
    .filter(Boolean)
    .join('\n');
}

/** A chat reads an anchor as it stands, without entities. */
const attribute = (value: string) => value.replace(/["<>\s]/g, encodeURIComponent);
const label = (value: string) => value.replaceAll('<', '＜').replaceAll('>', '＞');
