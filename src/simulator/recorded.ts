// Pushes out of a file: one raw push XML, or a JSON array of { name, xml }.
import { newMsgId, readFacts } from './push-xml.ts';

export interface RecordedPush {
  name: string;
  xml: string;
  openid: string;
}

export interface RecordedOptions {
  /** Take only the push of this name. */
  name?: string;
  /** Give each a CreateTime of now and a MsgId of its own, so that the receiver does not take it for a repeat. Default: as recorded. */
  fresh?: boolean;
}

/** Reads a file's content. Throws an Error that says what is wrong with it. */
export function recordedPushes(content: string, options: RecordedOptions = {}): RecordedPush[] {
  const all = /^\s*[[{]/.test(content) ? fromJson(content) : [{ name: 'push', xml: content }];
  const chosen = options.name === undefined ? all : all.filter(({ name }) => name === options.name);
  if (chosen.length === 0) {
    const names = all.map(({ name }) => name).join(', ');
    throw new Error(
      options.name === undefined ? 'the file holds no push' : `no push "${options.name}" in it; there are: ${names}`,
    );
  }
  return chosen.map(({ name, xml }) => ({
    name,
    xml: options.fresh === true ? freshened(xml) : xml,
    openid: readFacts(xml).openid,
  }));
}

function fromJson(content: string): { name: string; xml: string }[] {
  const list: unknown = JSON.parse(content);
  if (!Array.isArray(list)) throw new Error('a JSON file of pushes has to be an array of { "name", "xml" }');
  return list.map((item: unknown, index) => {
    const { name = `#${index + 1}`, xml } = (item ?? {}) as { name?: unknown; xml?: unknown };
    if (typeof xml !== 'string') throw new Error(`entry ${index + 1} of the file has no "xml"`);
    return { name: String(name), xml };
  });
}

/** CreateTime stands before what the user wrote and MsgId behind it: the first of the one, the last of the other. */
function freshened(xml: string): string {
  const createTime = Math.floor(Date.now() / 1000);
  const timed = xml.replace(/(<CreateTime>\s*(?:<!\[CDATA\[)?)\d+/, (_, start: string) => `${start}${createTime}`);
  const at = timed.lastIndexOf('<MsgId>');
  if (at === -1) return timed;
  return timed.slice(0, at) + timed.slice(at).replace(/\d+/, newMsgId());
}
