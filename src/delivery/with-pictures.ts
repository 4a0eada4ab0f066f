/** Pictures of Markdown as messages of their own between the texts that link to them. */
import { type Message, text } from '../wechat/message.ts';
import type { Piece } from './parts.ts';
import { MOST_PICTURES } from './pictures.ts';

/** A picture that is uploaded when it is sent, and said as a link where that cannot be. */
interface PicturePiece extends Piece {
  readonly media: { readonly url: string };
  readonly link: string;
}

/** The pieces with their pictures as messages between the texts. The same pieces where there are none. */
export function withPictures<T extends Piece>(pieces: readonly T[]): readonly (T | Piece | PicturePiece)[] {
  let left = MOST_PICTURES;
  if (!pieces.some(({ pictures }) => pictures)) return pieces;
  return pieces.flatMap((piece) => {
    const cut = cutAtPictures(piece, left);
    left -= cut.filter((one) => 'link' in one).length;
    return cut.length === 0 ? [piece] : cut;
  });
}

function cutAtPictures({ message, pictures = [] }: Piece, most: number): (Piece | PicturePiece)[] {
  if (message.type !== 'text') return [];
  const { content } = message;
  const cut: (Piece | PicturePiece)[] = [];
  const say = (words: string) => {
    const said = withoutSign(words.trim());
    if (!/^[。，；,.;]?$/.test(said)) cut.push({ message: text(said) });
  };
  let from = 0;
  let taken = 0;
  for (const { link, url } of pictures) {
    const at = content.indexOf(link, from);
    if (taken === most || at < 0) continue;
    const before = content.slice(from, at);
    // It is what another link shows.
    if (before.lastIndexOf('<a ') > before.lastIndexOf('</a>')) continue;
    say(before);
    cut.push({ message: { type: 'image', mediaId: '' } as Message, media: { url }, link });
    from = at + link.length;
    taken++;
  }
  if (taken === 0) return [];
  say(content.slice(from));
  return cut;
}

/** Without the sign of an item at its end, which the picture was. */
function withoutSign(words: string): string {
  const line = words.lastIndexOf('\n') + 1;
  return /^\s*(?:[•☐☑]|\d{1,9}[.)])$/.test(words.slice(line)) ? words.slice(0, line).trim() : words;
}
