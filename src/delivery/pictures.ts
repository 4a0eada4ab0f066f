/** The pictures of Markdown, which its text links to. */
import type { Token, Tokens } from 'marked';
import { imagesIn } from './html.ts';

/** A picture that a text links to. */
export interface Picture {
  /** What stands for it in the text. */
  readonly link: string;
  readonly url: string;
}

/** Pictures of one answer that are fetched; the rest stay links. A model wrote their addresses. */
export const MOST_PICTURES = 3;

/**
 * The pictures that may become messages, in order. Not those of a heading, a quotation, a table or a link: taken out of it, the
 * rest would make no sense.
 * @param linkOf what stands for one in the text
 */
export function picturesOf(tokens: readonly Token[], linkOf: (image: Tokens.Image) => string | undefined): Picture[] {
  return tokens.flatMap((token): Picture[] => {
    const given = token as Tokens.Generic & Token;
    switch (given.type) {
      case 'image':
        return [{ link: linkOf(given as Tokens.Image) ?? '', url: given['href'] }].filter(isFetched);
      case 'html':
        return imagesIn(given.raw).filter(isFetched);
      case 'paragraph':
      case 'text':
      case 'emphasis':
        return picturesOf(given.tokens ?? [], linkOf);
      case 'list':
        return (given as Tokens.List).items.flatMap((item) => picturesOf(item.tokens, linkOf));
      default:
        return [];
    }
  });
}

const isFetched = ({ link, url }: Picture) => link !== '' && /^https?:\/\//i.test(url) && URL.canParse(url);
