// What a message looks like, by its type: passive replies and customer-service messages in one form.
import { el, small } from './dom.js';
import { link, linked } from './links.js';

/** A customer-service message in the form of a passive reply: flat, with camel-case names. */
export function fromCustomMessage(body) {
  const part = body[body.msgtype] ?? {};
  if (body.msgtype === 'news') {
    const articles = (part.articles ?? []).map(({ title, description, url }) => ({ title, description, url }));
    return { type: 'news', articles };
  }
  return {
    ...part,
    type: body.msgtype,
    mediaId: part.media_id ?? part.article_id ?? part.card_id,
    thumbMediaId: part.thumb_media_id,
    musicUrl: part.musicurl,
    page: part.pagepath,
  };
}

/** The bubble of a message. `say` is called with text and id when an item of a msgmenu is tapped. */
export function bubbleOf(message, say) {
  const draw = BUBBLES[message.type];
  return draw === undefined ? card('✉️', message.type, JSON.stringify(message)) : draw(message, say);
}

const BUBBLES = {
  text: ({ content }) => el('div', { class: 'bubble' }, ...linked(content)),
  image: ({ mediaId }) =>
    isKept(mediaId) ? el('div', { class: 'bubble picture' }, picture(mediaId)) : card('🖼', '图片 image', mediaId),
  voice: ({ mediaId }) =>
    el('div', { class: 'bubble' }, '🔊 语音 ', isKept(mediaId) ? sound(mediaId) : small(`voice ${mediaId}`)),
  video: ({ title, description, mediaId }) =>
    card(isKept(mediaId) ? film(mediaId) : '▶', title ?? '视频 video', description ?? mediaId),
  music: ({ title, description, musicUrl, thumbMediaId }) =>
    card(cover(thumbMediaId, '♫'), title ?? '音乐 music', description ?? '', musicUrl),
  news: ({ articles }) => card('📰', articles[0]?.title ?? '', articles[0]?.description ?? '', articles[0]?.url),
  mpnews: ({ mediaId }) => card('📰', '图文 mpnews', mediaId),
  mpnewsarticle: ({ mediaId }) => card('📰', '图文 mpnewsarticle', mediaId),
  wxcard: ({ mediaId }) => card('🎫', '卡券 card', mediaId),
  miniprogrampage: ({ title, page, thumbMediaId }) =>
    card(cover(thumbMediaId, '◉'), title, `小程序 mini-program · ${page}`),
  transfer_customer_service: ({ kfAccount }) => card('🎧', '转人工客服 human agent', kfAccount ?? ''),
  msgmenu: menu,
};

/** Whether the simulator has the file: a permanent media_id of the account's own stands for one it has never seen. */
const isKept = (mediaId) => mediaId?.startsWith('SIM_') === true;
const addressOf = (mediaId) => `/simulator/media/${encodeURIComponent(mediaId)}`;
const picture = (mediaId) => el('img', { src: addressOf(mediaId), alt: '图片 picture' });
const sound = (mediaId) => el('audio', { src: addressOf(mediaId), controls: '', preload: 'none' });
const film = (mediaId) => el('video', { src: addressOf(mediaId), controls: '', preload: 'metadata' });
const cover = (mediaId, sign) => (isKept(mediaId) ? picture(mediaId) : sign);

function card(cover, title, text, address) {
  const more = address === undefined ? undefined : link(address);
  return el(
    'div',
    { class: 'bubble card' },
    el('div', { class: 'cover', 'aria-hidden': 'true' }, cover),
    el('h2', {}, title),
    el('p', {}, text),
    more,
  );
}

function menu({ head_content: head, list, tail_content: tail }, say) {
  const items = list.map(({ id, content }) =>
    el('li', {}, el('button', { type: 'button', onclick: () => say(content, String(id)) }, content)),
  );
  return el(
    'div',
    { class: 'bubble' },
    ...linked(String(head ?? '')),
    el('ul', { class: 'menu-items' }, ...items),
    ...linked(String(tail ?? '')),
  );
}
