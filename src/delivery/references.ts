/** What links and pictures of a text refer to. */
import type { Marked, Token, Tokens, TokensList } from 'marked';

/** A definition whose reference is a link needs no line. */
export const withoutUsed = (tokens: readonly Token[], used: ReadonlySet<string>) => {
  const isUsed = (token?: Token) => token?.type === 'def' && used.has((token as Tokens.Def).tag);
  return tokens.filter((token, index) => !isUsed(token) && !(token.type === 'space' && isUsed(tokens[index - 1])));
};

/** Which references are used, and which pictures are shown. */
export function seenIn(marked: Marked, tokens: TokensList): { used: Set<string>; pictures: string[] } {
  const used = new Set<string>();
  const pictures: string[] = [];
  marked.walkTokens(tokens, (token) => {
    if (token.type !== 'link' && token.type !== 'image') return;
    // `[text][tag]`, `[tag][]` or `[tag]`
    const tag = /\]\[([^\]]+)\]$/.exec(token.raw)?.[1] ?? /^!?\[([^\]]+)\](?:\[\])?$/.exec(token.raw)?.[1];
    if (tag !== undefined) used.add(tag.toLowerCase().replace(/\s+/g, ' '));
    if (token.type === 'image' && /^https?:\/\//i.test((token as Tokens.Image).href))
      pictures.push((token as Tokens.Image).href);
  });
  return { used, pictures };
}
