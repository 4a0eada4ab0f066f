// The pushes a follower's acts lead to, laid out as WeChat writes them, and what can be read back from such XML.

export type Act =
  | { text: string; bizmsgmenuid?: string }
  | { image: string; mediaId?: string }
  | { click: string }
  | { event: string; key?: string; ticket?: string };

/** What the simulator has to know of a push, whoever wrote it. */
export interface PushFacts {
  openid: string;
  account: string;
  type: string;
  event?: string;
  key?: string;
  text?: string;
  picUrl?: string;
  menuItem?: string;
}

let counter = Math.floor(Math.random() * 10_000);

/** An 18-digit MsgId, above 2^53 as real ones are, never given out twice. */
export function newMsgId(): string {
  counter = (counter + 1) % 10_000;
  return `2${Date.now()}${String(counter).padStart(4, '0')}`;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Random letters as WeChat uses them in openids, media ids and tokens. */
export function randomName(length: number): string {
  let name = '';
  for (const byte of crypto.getRandomValues(new Uint8Array(length))) name += ALPHABET[byte % ALPHABET.length];
  return name;
}

export function newOpenid(): string {
  return `o${randomName(27)}`;
}

/** User text goes in unescaped, `]]>` and all: WeChat does not clean it either. */
const cdata = (text: string): string => `<![CDATA[${text}]]>`;

export interface PushHeader {
  openid: string;
  account: string;
  createTime?: number;
  msgId?: string;
}

export function buildPush(header: PushHeader, act: Act): string {
  const createTime = header.createTime ?? Math.floor(Date.now() / 1000);
  const elements: [string, string][] = [
    ['ToUserName', cdata(header.account)],
    ['FromUserName', cdata(header.openid)],
    ['CreateTime', String(createTime)],
    ...body(act),
  ];
  if (!('click' in act || 'event' in act)) elements.push(['MsgId', header.msgId ?? newMsgId()]);
  return `<xml>${elements.map(([name, value]) => `<${name}>${value}</${name}>\n`).join('')}</xml>`;
}

function body(act: Act): [string, string][] {
  if ('text' in act) {
    const text: [string, string][] = [
      ['MsgType', cdata('text')],
      ['Content', cdata(act.text)],
    ];
    return act.bizmsgmenuid === undefined ? text : [...text, ['bizmsgmenuid', cdata(act.bizmsgmenuid)]];
  }
  if ('image' in act) {
    return [
      ['MsgType', cdata('image')],
      ['PicUrl', cdata(act.image)],
      ['MediaId', cdata(act.mediaId ?? randomName(64))],
    ];
  }
  const event = 'click' in act ? { event: 'CLICK', key: act.click } : act;
  const elements: [string, string][] = [
    ['MsgType', cdata('event')],
    ['Event', cdata(event.event)],
    ['EventKey', cdata(event.key ?? '')],
  ];
  return 'ticket' in event && event.ticket !== undefined ? [...elements, ['Ticket', cdata(event.ticket)]] : elements;
}

/**
 * Reads a push of ours or a recorded one, which may be broken on purpose: the first value of a name counts, and the text
 * of the user is cut out first, so that markup in it is not taken for fields.
 */
export function readFacts(xml: string): PushFacts {
  const content = /<Content><!\[CDATA\[([\s\S]*)\]\]><\/Content>/.exec(xml);
  const rest = content === null ? xml : xml.replace(content[0], '');
  const facts: PushFacts = {
    openid: field(rest, 'FromUserName') ?? '',
    account: field(rest, 'ToUserName') ?? '',
    type: field(rest, 'MsgType') ?? '',
  };
  const optional = {
    event: facts.type === 'event' ? field(rest, 'Event') : undefined,
    key: facts.type === 'event' ? field(rest, 'EventKey') : undefined,
    text: content?.[1] ?? field(rest, 'Content'),
    picUrl: field(rest, 'PicUrl'),
    menuItem: field(rest, 'bizmsgmenuid'),
  };
  for (const [name, value] of Object.entries(optional)) {
    if (value !== undefined) facts[name as keyof typeof optional] = value;
  }
  return facts;
}

function field(xml: string, name: string): string | undefined {
  const found = new RegExp(`<${name}>(?:\\s*<!\\[CDATA\\[([\\s\\S]*?)\\]\\]>\\s*|([^<]*))</${name}>`).exec(xml);
  return found === null ? undefined : (found[1] ?? found[2]?.trim());
}
