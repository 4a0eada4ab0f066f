/**
 * From the body of a push to its fields. WeChat does not escape what a user wrote: `]]>` arrives as it is, so that a text can
 * end its own CDATA and go on with elements of its own. What holds against that:
 *
 * - Content is everything from its first beginning to its last end, whatever is between.
 * - Of every other element the first wins. ToUserName, FromUserName, CreateTime and MsgType stand before whatever a user
 *   can write, so a forged one always comes too late; a forged MsgId can only make a user's own push look like a repeat.
 * - In a known push a leaf is a string and a list is an array, whatever came. Only in a push of an unknown type are
 *   repeated elements arrays, for nobody knows better.
 */
import { joinCdata } from './cdata.ts';
import { PushError } from './errors.ts';
import { isJson, JSON_ADVICE } from './json.ts';
import { canonicalType, isKnownKey, isKnownType } from './keys.ts';
import type { Push } from './push.ts';
import { leaf, shape } from './shape.ts';
import { type Fields, parseXml } from './xml.ts';

const OPEN = '<xml>';
const CLOSE = '</xml>';

/** Reads a push, decrypted or plain. Throws PushError and nothing else, whatever the string. */
export function parsePush(xml: string): Push {
  const body = withoutDeclaration(xml);
  if (isJson(body)) throw new PushError(`${JSON_ADVICE}.`);
  if (!body.startsWith(OPEN) || !body.endsWith(CLOSE)) {
    throw new PushError('The push does not begin with <xml> and end with </xml>.');
  }
  const cut = cutContent(body);
  if (cut === undefined) return toPush(parseXml(body));
  const fields = parseXml(cut.rest);
  // Where the hole is not the text of a text message, `<Content>` was something else: a word in another field.
  if (canonicalType(leaf(fields['MsgType'])) !== 'text' || fields['Content'] !== '') return toPush(parseXml(body));
  fields['Content'] = cut.content;
  return toPush(fields);
}

function withoutDeclaration(xml: string): string {
  // Trimming takes a byte order mark away too.
  const body = xml.trim();
  if (!body.startsWith('<?xml')) return body;
  const end = body.indexOf('?>');
  return end < 0 ? '' : body.slice(end + 2).trimStart();
}

/** Takes the content of `<Content><![CDATA[…]]></Content>` out, from its first beginning to its last end. */
function cutContent(body: string): { content: string; rest: string } | undefined {
  const open = body.indexOf('<Content>') + '<Content>'.length;
  const close = body.lastIndexOf('</Content>');
  if (open < '<Content>'.length || close < open) return undefined;
  const content = insideCdata(body.slice(open, close));
  if (content === undefined) return undefined;
  return { content: joinCdata(content), rest: body.slice(0, open) + body.slice(close) };
}

const HEADER = ['ToUserName', 'FromUserName', 'CreateTime', 'MsgType'];
/** As many digits as a Date can hold. */
const SECONDS = /^\d{1,12}$/;

/** Checks the header, and makes the fields in place what their types promise. */
function toPush(fields: Fields): Push {
  for (const name of HEADER) fields[name] = required(fields, name);
  const { CreateTime = '', MsgType: type = '' } = fields as Record<string, string>;
  const MsgType = canonicalType(type);
  fields['MsgType'] = MsgType;
  if (!SECONDS.test(CreateTime)) throw new PushError('The CreateTime of the push is no number of seconds.');
  if (MsgType === 'event') fields['Event'] = required(fields, 'Event');
  // `Encrypt` is the envelope, not the push; text beside the elements is the rest of a text that broke its CDATA.
  for (const name of ['Encrypt', '#text']) if (Object.hasOwn(fields, name)) delete fields[name];
  if (MsgType === 'event' ? isKnownKey(`event:${fields['Event']}`) : isKnownType(MsgType)) shape(fields);
  return fields as unknown as Push;
}

function required(fields: Fields, name: string): string {
  const value = leaf(fields[name]);
  if (value === '') throw new PushError(`The push has no ${name}.`);
  return value;
}

/**
 * The content of `<Encrypt>`, found without a parser: nothing is parsed before its signature is checked. The last one counts,
 * since in compatible mode it follows the plain copy, in which a user may have written the word.
 */
export function cutEncrypt(xml: string): string | undefined {
  const open = xml.lastIndexOf('<Encrypt>');
  const close = xml.indexOf('</Encrypt>', open);
  if (open < 0 || close < 0) return undefined;
  const inner = xml.slice(open + '<Encrypt>'.length, close);
  return insideCdata(inner) ?? inner.trim();
}

/** What is in the CDATA section that an element's content begins and ends with. */
function insideCdata(inner: string): string | undefined {
  const section = inner.trim();
  if (!section.startsWith('<![CDATA[') || !section.endsWith(']]>')) return undefined;
  return section.slice('<![CDATA['.length, -']]>'.length);
}
