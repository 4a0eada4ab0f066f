/** Text in XML and JSON: what must not be in it, and how CDATA holds it. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is what these are for.
const REFUSED_BY_XML = /[\0-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above.
const REFUSED_BY_JSON = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g;
const LONE_SURROGATE = /\p{Surrogate}/gu;

/** Replaces halves of emoji, which cannot be written in UTF-8, by U+FFFD. */
function wellFormed(text: string): string {
  return text.replace(LONE_SURROGATE, '\ufffd');
}

/** The text without what XML 1.0 refuses and a chat cannot show: every control character other than tab and newline. */
export function cleanForXml(text: string): string {
  return wellFormed(text.replace(REFUSED_BY_XML, ''));
}

/** The text without control characters other than tab, newline and carriage return. */
export function cleanForJson(text: string): string {
  return wellFormed(text.replace(REFUSED_BY_JSON, ''));
}

const SPLIT = ']]]]><![CDATA[>';

/** A CDATA section holding any text. A `]]>` in it is divided between two sections, the standard way of XML. */
export function cdata(text: string): string {
  return `<![CDATA[${cleanForXml(text).replaceAll(']]>', SPLIT)}]]>`;
}

/** Joins the sections that `cdata` and its like divided. */
export function joinCdata(text: string): string {
  return text.replaceAll(SPLIT, ']]>');
}
