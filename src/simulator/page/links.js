// WeChat shows <a href> in a text as a link, and bare addresses too. Only http and https become links here.
import { el } from './dom.js';

const LINK =
  /<a\b[^>]*?\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')[^>]*>([\s\S]*?)<\/a>|(https?:\/\/[^\s<>"'，。；！？、）】》]+)/gi;

/** The nodes of a text: text, and safe links. */
export function linked(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    const [whole, double, single, label, bare] = match;
    nodes.push(text.slice(end, match.index), link(bare ?? double ?? single, bare ?? label));
    end = match.index + whole.length;
  }
  nodes.push(text.slice(end));
  return nodes.filter((node) => node !== '');
}

export function link(address, label = address) {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return label;
  return el('a', { href: url.href, target: '_blank', rel: 'noopener noreferrer' }, label);
}
