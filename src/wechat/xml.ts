import { XMLParser } from 'fast-xml-parser';
import { PushError } from './errors.ts';

/** An element: its text, its children by name (a repeated one as an array), or both, the text then under `#text`. */
export type Xml = string | { [name: string]: Xml | Xml[] };

/** The deepest documented push has 5 levels; more than this is an attack on whoever walks the result. */
const MAX_DEPTH = 16;

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * Decodes text outside CDATA: the five entities of XML and character references (fast-xml-parser leaves `&#20320;` alone
 * unless it also decodes all of HTML's). Being handed to every parse, it also spares making a decoder each time.
 */
const entityDecoder = {
  decode: (text: string) =>
    text.replace(/&(?:#0*(\d{1,7})|#x0*([\da-fA-F]{1,6})|(amp|lt|gt|quot|apos));/g, (whole, decimal, hex, name) => {
      if (name !== undefined) return ENTITIES[name] as string;
      const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    }),
  // Called with what a DOCTYPE declares, and only then: the one place that sees a DOCTYPE and no `<!DOCTYPE` in CDATA.
  addInputEntities() {
    throw new PushError('The push has a DOCTYPE, which WeChat never sends.');
  },
  setExternalEntities() {},
  setXmlVersion() {},
  reset() {},
};

const parser = new XMLParser({
  ignoreAttributes: true,
  ignorePiTags: true,
  // `007` and `true` are texts, and a MsgId does not fit a number.
  parseTagValue: false,
  // Outside CDATA; what is inside is kept as it is.
  trimValues: true,
  maxNestedTags: MAX_DEPTH,
  // No callback here needs the path, and making it costs a string for each element.
  jPath: false,
  entityDecoder,
  onDangerousProperty: refuse,
});

function refuse(name: string): never {
  throw new PushError(`The push has an element called ${name}.`);
}

export type Fields = { [name: string]: Xml | Xml[] };

/** The children of the one root, `<xml>`. Throws PushError for anything else. */
export function parseXml(xml: string): Fields {
  let document: { xml?: Xml | Xml[] };
  try {
    document = parser.parse(xml);
  } catch (error) {
    // Without the parser's own error, which quotes the text around it: what users write must not reach a log.
    throw error instanceof PushError ? error : new PushError('The push is not XML.');
  }
  const root = document.xml;
  // The parser forgives a wrong closing tag; then elements end up beside the root, or there are two of it.
  if (typeof root !== 'object' || Array.isArray(root) || Object.keys(document).length !== 1) {
    throw new PushError('The push is not one <xml> element with fields.');
  }
  return root;
}
