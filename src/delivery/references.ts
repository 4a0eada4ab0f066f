/** The definitions of references, which a chat does not know. */
import type { Marked, Token, Tokens, TokensList } from 'marked';

/** A definition whose reference is a link needs no line. */
export const withoutUsed = (tokens: readonly Token[], used: ReadonlySet<string>) => {
  const isUsed = (token?: Token) => token?.type === 'def' && used.has((token as Tokens.Def).tag);
  return tokens.filter((token, index) => !isUsed(token) && !(token.type === 'space' && isUsed(tokens[index - 1])));
};

/** The tags of the references that links and pictures use. */
export function usedIn(marked: Marked, tokens: TokensList): Set<string> {
  const used = new Set<string>();
  marked.walkTokens(tokens, ({ type, raw }) => {
    if (type !== 'link' && type !== 'image') return;
    // `[text][tag]`, `[tag][]` or `[tag]`
    const tag = /\]\[([^\]]+)\]$/.exec(raw)?.[1] ?? /^!?\[([^\]]+)\](?:\[\])?$/.exec(raw)?.[1];
    if (tag !== undefined) used.add(tag.toLowerCase().replace(/\s+/g, ' '));
  });
  return used;
}
