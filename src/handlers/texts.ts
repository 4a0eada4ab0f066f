import { ConfigError } from '../errors.ts';
import type { Push } from '../wechat/push.ts';

/** Something the account says by itself: the same to everybody, or made for a push. */
export type Text = string | ((push: Push) => string);

/** What the account says by itself. A module of handlers may export `texts` with others. */
export interface Texts {
  /** Said when a push is given up on. */
  readonly sorry: Text;
  /** Said where the answer is not ready in time and only a passive reply can carry it. */
  readonly busy: Text;
  /** Said at the end of a reply where more is waiting. At most 600 bytes. */
  readonly more: Text;
  /** Said before an answer that comes with the reply to a later push. */
  readonly earlier: string;
  /** Said to a push that its handler's `whenBusy: 'reject'` or `limit` rejects. */
  readonly rejected: Text;
}

const DEFAULTS: Texts = {
  sorry: '抱歉，这条消息没能处理好，请稍后再试。',
  busy: '正在处理，请稍后发送任意消息查看结果。',
  more: '回复「继续」看下一条',
  earlier: '（之前的回答）',
  rejected: '上一条还没处理完，或者发得太频繁了，请稍后再试。',
};

/** The texts of a module of handlers, the missing ones by default. Names that are not known are returned as warnings. */
export function checkTexts(given: unknown, file: string): { texts: Texts; warnings: string[] } {
  if (given === undefined) return { texts: DEFAULTS, warnings: [] };
  if (typeof given !== 'object' || given === null)
    throw new ConfigError([`${file} exports texts that are not an object: export const texts = { sorry: '…' };`]);
  const problems = Object.entries(given).flatMap(([name, text]) =>
    typeof text === 'string' || (typeof text === 'function' && name !== 'earlier')
      ? []
      : [`${file}: texts.${name} is neither a string nor a function (earlier is a string).`],
  );
  if (problems.length > 0) throw new ConfigError(problems);
  const unknown = Object.keys(given).filter((name) => !(name in DEFAULTS));
  const warnings = unknown.map((name) => `${file}: texts.${name} is not known and is ignored`);
  return { texts: { ...DEFAULTS, ...given }, warnings };
}

export const sayText = (text: Text, push: Push): string => (typeof text === 'function' ? text(push) : text);
