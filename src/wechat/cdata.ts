/** Text in XML and JSON: what must not be in it, and how CDATA holds it. */

/** Where Unicode says that a line must end (UAX #14). A chat knows the newline alone. */
const LINE_END = /\r\n|[\r\v\f\x85\u2028\u2029]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is what these are for.
const CONTROL = /[\0-\x08\x0e-\x1f\x7f-\x9f]/g;
const NO_XML = /[\ufffe\uffff]/g;
const LONE_SURROGATE = /\p{Surrogate}/gu;

/**
 * The text as a chat can show it: every line end is a newline, there is no control character other than tab and newline, and
 * halves of emoji, which cannot be written in UTF-8, are U+FFFD.
 */
export function cleanForJson(text: string): string {
  return text.replace(LINE_END, '\n').replace(CONTROL, '').replace(LONE_SURROGATE, '\ufffd');
}

/** The same, without what XML 1.0 refuses besides. */
export function cleanForXml(text: string): string {
  return cleanForJson(text).replace(NO_XML, '');
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
