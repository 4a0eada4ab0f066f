import { XMLValidator } from 'fast-xml-parser';
import { MAX_TEXT_BYTES } from './checks.ts';
import type { Envelope } from './push.ts';
import { leaf } from './shape.ts';
import { type Fields, parseXml, type Xml } from './xml.ts';

/** One sentence in each language. */
export interface Explanation {
  readonly en: string;
  readonly zh: string;
}

/**
 * Why WeChat would show the user 该公众号暂时无法提供服务 (or 该公众号提供的服务出现故障) for this answer to a push, or undefined for
 * a legal one. For those who look for the cause; WeChat itself never tells. (Official guide: 被动回复用户消息.)
 * @param push the push that was answered, to check the addresses
 * @param status of the HTTP answer
 */
export function explainReply(body: string, push?: Envelope, status = 200): Explanation | undefined {
  if (status !== 200) {
    return because(
      `WeChat takes HTTP status 200 alone, not ${status}, and repeats the push at once`,
      `HTTP 状态码必须是 200，而不是 ${status}，微信会立即重试`,
    );
  }
  if (body === '' || body === 'success') return undefined;
  return explainText(body) ?? explainXml(body.trim(), push);
}

/** The sentence for a body that is not one XML document. */
function explainText(body: string): Explanation | undefined {
  const text = body.trim();
  if (text === 'success') {
    return because('something stands before or after the word success', 'success 前后有多余的字符（空格、换行或 BOM）');
  }
  if (text === '"success"') {
    return because('a framework has put success into quotes, as JSON', '框架把 success 编码成了带引号的 JSON 字符串');
  }
  if (/^[{["]/.test(text)) return because('the body is JSON, not XML', '回复内容是 JSON，而不是 XML');
  if (/^<(!doctype|html)/i.test(text)) return because('the body is an HTML page', '回复内容是 HTML 页面');
  if (!text.startsWith('<xml>')) {
    return because('the body is neither success, nor empty, nor <xml>', '回复内容既不是 success 或空串，也不是 <xml>');
  }
  const valid = XMLValidator.validate(text);
  if (valid !== true) {
    const { line, msg } = valid.err;
    return because(`the XML is broken in line ${line}: ${msg}`, `XML 格式错误，第 ${line} 行：${msg}`);
  }
  return explainReferences(text);
}

/** A reference that XML knows by its name, one to a character by its number, or any other. */
const REFERENCE = /&(?:(amp|lt|gt|quot|apos)|#(\d+)|#x([\da-fA-F]+)|[^&;]*);/g;
const CHARACTER = /^[\t\n\r\u{20}-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]$/u;

/** The validator lets every reference pass. */
function explainReferences(xml: string): Explanation | undefined {
  const outside = xml.replace(/<!\[CDATA\[[\s\S]*?\]\]>/g, '');
  for (const [whole, name, decimal, hex] of outside.matchAll(REFERENCE)) {
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    const isCharacter = code <= 0x10ffff && CHARACTER.test(String.fromCodePoint(code));
    if (name === undefined && !isCharacter)
      return because(`XML knows no ${whole}: a & has to be written as &amp;`, `XML 里没有 ${whole}：& 要写成 &amp;`);
  }
  return undefined;
}

function explainXml(xml: string, push: Envelope | undefined): Explanation | undefined {
  let fields: Fields;
  try {
    fields = parseXml(xml);
  } catch {
    return because(
      'the XML is not one <xml> with elements that WeChat knows',
      'XML 应当只有一个 <xml>，里面是微信定义的字段',
    );
  }
  if ('xml' in fields) return because('there is an <xml> inside <xml>', '<xml> 里面又有一层 <xml>');
  const encrypted = 'Encrypt' in fields;
  for (const name of encrypted ? ['Encrypt', 'MsgSignature', 'TimeStamp', 'Nonce'] : HEADER) {
    if (leaf(fields[name]) === '') return missing(name);
  }
  return encrypted ? undefined : (explainAddresses(fields, push) ?? explainContent(fields));
}

const HEADER = ['ToUserName', 'FromUserName', 'CreateTime', 'MsgType'];

function explainAddresses(fields: Fields, push: Envelope | undefined): Explanation | undefined {
  const to = leaf(fields['ToUserName']);
  const from = leaf(fields['FromUserName']);
  // Without the push: only an account's id begins with gh_.
  if (push ? to === push.ToUserName && from === push.FromUserName : to.startsWith('gh_')) {
    return because(
      'ToUserName and FromUserName are not swapped: a reply goes to the user',
      'ToUserName 与 FromUserName 没有对调：回复应发给用户',
    );
  }
  if (push && (to !== push.FromUserName || from !== push.ToUserName)) {
    return because(
      'the reply is for another user, or from another account, than the push',
      '回复的 ToUserName 或 FromUserName 与推送不符',
    );
  }
  return undefined;
}

/** Where each reply type keeps what it cannot do without. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  text: ['Content'],
  image: ['Image', 'MediaId'],
  voice: ['Voice', 'MediaId'],
  video: ['Video', 'MediaId'],
  music: ['Music'],
  news: ['ArticleCount'],
  transfer_customer_service: [],
  transfer_biz_ai_ivr: [],
};

function explainContent(fields: Fields): Explanation | undefined {
  const type = leaf(fields['MsgType']);
  const path = Object.hasOwn(REQUIRED, type) ? REQUIRED[type] : undefined;
  if (path === undefined) return because(`there is no reply of type ${type}`, `没有 ${type} 这种回复类型`);
  if (type === 'text') return explainTextReply(leaf(fields['Content']));
  if (type === 'music') return explainMusic(fields);
  if (path.length > 0 && textAt(fields, path) === '') return missing(path.join('.'));
  if (type === 'news' && typeof at(fields, ['Articles', 'item']) !== 'object') return missing('Articles.item');
  return undefined;
}

/** The guide calls the thumb required, but WeChat takes music without it: not with an empty one. */
function explainMusic(fields: Fields): Explanation | undefined {
  const music = at(fields, ['Music']);
  if (typeof music !== 'object') return missing('Music');
  if (!('ThumbMediaId' in music) || textAt(fields, ['Music', 'ThumbMediaId']) !== '') return undefined;
  return because(
    'Music.ThumbMediaId is empty: leave the element out',
    'Music.ThumbMediaId 为空：没有缩略图时应去掉这个字段',
  );
}

function explainTextReply(content: string): Explanation | undefined {
  if (content === '') {
    return because(
      'Content is empty, which is not the same as no reply: answer success instead',
      'Content 为空，这不等于不回复；不想回复时应返回 success',
    );
  }
  const bytes = Buffer.byteLength(content);
  if (bytes <= MAX_TEXT_BYTES) return undefined;
  return because(
    `Content has ${bytes} bytes, more than ${MAX_TEXT_BYTES}`,
    `Content 有 ${bytes} 字节，超过 ${MAX_TEXT_BYTES} 字节`,
  );
}

function at(fields: Fields, path: readonly string[]): Xml | Xml[] | undefined {
  let value: Xml | Xml[] | undefined = fields;
  for (const name of path) value = typeof value === 'object' && !Array.isArray(value) ? value[name] : undefined;
  return value;
}

const textAt = (fields: Fields, path: readonly string[]): string => leaf(at(fields, path));

const missing = (name: string) => because(`${name} is missing or empty`, `缺少 ${name}，或其内容为空`);

const because = (en: string, zh: string): Explanation => ({ en, zh });
