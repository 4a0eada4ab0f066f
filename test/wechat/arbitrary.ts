import { type Arbitrary, array, constantFrom, integer, oneof, string } from 'fast-check';

/** What users type to break parsers, or what their phones add. */
// biome-ignore format: a list of pieces
const PIECES = [
  ']]>', ']]', '>', '<![CDATA[', ']]]]><![CDATA[>', '<Content>', '</Content>', ']]></Content>', '<Content><![CDATA[',
  '<xml>', '</xml>', '<FromUserName>', '</FromUserName>', '<MsgType><![CDATA[event]]></MsgType>', '<__proto__>',
  '<!DOCTYPE a [', '<!ENTITY x "y">', '<?xml version="1.0"?>', '<!--', '-->', '&amp;', '&#0;', '&', '<', '"', "'",
  '\0', '\x02', '\x1d', '\r', '\r\n', '\n', '\t', '\x7f', '\x85', ' ', '\u00a0', '\ufeff', '\ufffe', '\uffff',
  '\ud83d', '\ude00', '😀', '👨‍👩‍👧‍👦', '你好', '𠮷',
] as const;

/** Any string of JavaScript: every code unit, halves of emoji included. */
export function anyString(): Arbitrary<string> {
  return array(integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units));
}

/** Any string, and texts made of the pieces above. */
export function anyText(): Arbitrary<string> {
  const piece = oneof(constantFrom(...PIECES), string({ maxLength: 5 }));
  return oneof(
    anyString(),
    array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
  );
}

/** The Content we read of what a user wrote. WeChat does not escape, so a typed split of CDATA reads as `]]>`. */
export const readByUs = (written: string) => written.replaceAll(']]]]><![CDATA[>', ']]>');
