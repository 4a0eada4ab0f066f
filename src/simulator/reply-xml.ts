// Reads the XML of a passive reply, as strictly as a real XML parser: fast-xml-parser alone lets too much pass.
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { Illegal } from './illegal.ts';

/** Every element is an array of its occurrences, so that a name given twice is seen. */
export type Element = { [name: string]: (Element | string)[] };

const NAMED: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** What a reference such as `&lt;`, `&#34;` or `&#x4f60;` stands for. Throws Illegal where XML knows no such character. */
function decodeReference(whole: string, name: string): string {
  const [, decimal, hex] = /^#(?:(\d+)|x([\da-fA-F]+))$/.exec(name) ?? [];
  const code = hex === undefined ? Number(decimal ?? Number.NaN) : Number.parseInt(hex, 16);
  const isCharacter =
    code <= 0x10ffff && /^[\t\n\r\u{20}-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]$/u.test(String.fromCodePoint(code));
  const character = Object.hasOwn(NAMED, name) ? NAMED[name] : isCharacter ? String.fromCodePoint(code) : undefined;
  if (character === undefined)
    throw new Illegal(`XML knows no ${whole}: a "&" is written as "&amp;"`, `XML 里没有 ${whole}：“&” 要写成 “&amp;”`);
  return character;
}

const parser = new XMLParser({
  // The parser's own decoder leaves references by number as they are.
  entityDecoder: {
    decode: (text) => text.replace(/&([^&;]*);/g, decodeReference),
    addInputEntities() {},
    setExternalEntities() {},
    setXmlVersion() {},
    reset() {},
  },
  parseTagValue: false,
  ignoreAttributes: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  isArray: () => true,
});

// biome-ignore lint/suspicious/noControlCharactersInRegex: those characters are what is looked for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/;

/** The children of the root element `<xml>`. Throws Illegal. */
export function readReplyXml(text: string): Element {
  refuseWhatTheParserLetsPass(text);
  const valid = XMLValidator.validate(text);
  if (valid !== true) {
    if (text.includes(']]</')) throw unclosedCdata();
    const { msg, line, col } = valid.err;
    throw new Illegal(
      `the body is no well-formed XML: ${msg} (line ${line}, column ${col})`,
      `返回的内容不是合法的 XML：第 ${line} 行第 ${col} 列`,
    );
  }
  const roots = Object.entries(parse(text));
  const [name, values] = roots[0] ?? ['', []];
  const root = values[0];
  if (roots.length !== 1 || name !== 'xml' || values.length !== 1 || typeof root !== 'object') {
    throw new Illegal('the reply has to be one <xml> element with children', '回复必须是一个 <xml> 根元素');
  }
  if ('xml' in root) throw new Illegal('there is an <xml> inside the <xml>', '<xml> 里面又有一个 <xml>');
  return root;
}

function parse(text: string): Element {
  try {
    return parser.parse(text) as Element;
  } catch (error) {
    if (error instanceof Illegal) throw error;
    throw new Illegal(`the body is no readable XML: ${String(error)}`, '返回的内容不是合法的 XML');
  }
}

function refuseWhatTheParserLetsPass(text: string): void {
  if (/<!DOCTYPE/i.test(text)) throw new Illegal('the reply has a DOCTYPE', '回复里有 DOCTYPE');
  const control = CONTROL.exec(text);
  if (control !== null) {
    const code = `U+${control[0].charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()}`;
    throw new Illegal(`the reply contains the control character ${code}`, `回复里有控制字符 ${code}`);
  }
  const outside = text.replace(/<!\[CDATA\[[\s\S]*?\]\]>/g, '');
  if (outside.includes(']]>')) {
    throw new Illegal(
      'there is a "]]>" outside a CDATA section: a text that contains "]]>" has to be split over two sections',
      'CDATA 之外出现了 "]]>"：文字里的 "]]>" 没有拆成两段',
    );
  }
  if (outside.includes('<![CDATA[')) throw unclosedCdata();
}

function unclosedCdata(): Illegal {
  return new Illegal(
    'a CDATA section is not closed: is a ">" missing after "]]"?',
    'CDATA 没有结束：是不是 "]]" 后面少了 ">"？',
  );
}

/** The one occurrence of a name, or undefined. Throws Illegal when there are several. */
export function single(element: Element, name: string): Element | string | undefined {
  const values = element[name] ?? [];
  if (values.length > 1)
    throw new Illegal(`<${name}> is there ${values.length} times`, `<${name}> 出现了 ${values.length} 次`);
  return values[0];
}

/** The text of a child. Throws Illegal when it is missing, has children, or (but for `empty`) holds nothing. */
export function textOf(element: Element, name: string): string {
  const value = single(element, name);
  if (value === undefined) throw new Illegal(`<${name}> is missing`, `缺少 <${name}>`);
  if (typeof value !== 'string') throw new Illegal(`<${name}> has to hold text only`, `<${name}> 只能是文字`);
  if (value === '') throw new Illegal(`<${name}> is empty`, `<${name}> 是空的`);
  return value;
}

/** A child that holds elements. Throws Illegal when it is missing or holds text. */
export function childOf(element: Element, name: string): Element {
  const value = single(element, name);
  if (value === undefined || typeof value === 'string') {
    throw new Illegal(`<${name}> with its fields is missing`, `缺少 <${name}> 和它的字段`);
  }
  return value;
}
