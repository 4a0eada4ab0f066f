/** HTML in Markdown, as text for a chat. What stays as it is, is undefined. */

const TAG = /<!--[\s\S]*?-->|<(\/?)([a-z][a-z0-9]*)\b([^<>]*)>/gi;
/** Tags that only say how a text looks. */
const LOOKS = new Set(
  'b strong i em u s small big sub sup mark kbd span font center p div section details summary'.split(' '),
);
const LEADS =
  /\bhref\s*=\s*(?:"(?:https?:\/\/|weixin:\/\/bizmsgmenu)|'(?:https?:\/\/|weixin:\/\/bizmsgmenu))|\bdata-miniprogram-/i;

/** @param anchors which of the open `<a>` stay */
export function html(raw: string, anchors: boolean[]): string | undefined {
  const text = raw.replace(TAG, (tag, closes: string, name: string | undefined, attributes: string) => {
    if (name === undefined) return '';
    if (/^br$/i.test(name)) return '\n';
    if (LOOKS.has(name.toLowerCase())) return '';
    if (!/^a$/i.test(name)) return tag;
    if (closes) return (anchors.pop() ?? true) ? tag : '';
    anchors.push(LEADS.test(attributes));
    return anchors.at(-1) ? tag : '';
  });
  return text === raw ? undefined : (entities(text) ?? text);
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/** A `<a` that was written as an entity is to be read, not tapped. */
export function entities(text: string): string | undefined {
  if (!text.includes('&')) return undefined;
  const plain = text.replace(
    /&(?:(amp|lt|gt|quot|apos|nbsp)|#(\d{1,7})|#x([\da-f]{1,6}));/gi,
    (entity, name, decimal, hex) => {
      if (name) return NAMED[(name as string).toLowerCase()] ?? entity;
      const code = decimal ? Number(decimal) : Number.parseInt(hex as string, 16);
      return code >= 32 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) && !(code >= 127 && code < 160)
        ? String.fromCodePoint(code)
        : entity;
    },
  );
  if (plain === text) return undefined;
  return plain.replace(/<(?=\/?a\b)/gi, '＜');
}
