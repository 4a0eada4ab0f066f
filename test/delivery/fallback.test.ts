import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Can, type Carried, carry, FALLBACKS, type Form, type Way } from '../../src/delivery/fallback.ts';
import { customerServiceMessage } from '../../src/wechat/customer-service.ts';
import type { Message } from '../../src/wechat/message.ts';
import * as build from '../../src/wechat/message.ts';
import { buildReply } from '../../src/wechat/reply.ts';

const { text } = build;
const url = 'https://example.com/m/1';
const thumbMediaId = 'T';
const video = build.video({ mediaId: 'V', thumbMediaId, title: '片' });
const music = build.music({ thumbMediaId, title: '歌', musicUrl: 'https://m.com/a.mp3', description: '好听' });
const silent = build.music({ thumbMediaId });
const articles = build.news(
  { title: 'A', url: 'https://a.com/"', description: '甲' },
  { title: 'B <b>', picUrl: 'https://b.com/p.png' },
  { title: 'C' },
);
const menu = build.menu({
  head: '满意吗',
  items: [
    { id: '1', content: '满意' },
    { id: '2', content: '不满意' },
  ],
  tail: '谢谢',
});
const program = build.miniprogram({ title: '点餐', appId: 'wx1', pagePath: 'p?a=1', thumbMediaId });
const link = build.link({ title: 't', description: 'd', url: 'https://l.com', thumbUrl: 'https://l.com/p.png' });
const image = build.image({ mediaId: 'I' });
const voice = build.voice({ mediaId: 'S' });
const card = build.card({ cardId: 'C' });
const article = build.publishedArticle({ articleId: 'A' });
const material = build.materialNews({ mediaId: 'N' });
const off = { media: false };

const restLinks = text('<a href="https://b.com/p.png">B ＜b＞</a>\n\nC');
const allLinks = text('<a href="https://a.com/%22">A</a>\n甲\n\n<a href="https://b.com/p.png">B ＜b＞</a>\n\nC');
const numbered = text('满意吗\n1. 满意\n2. 不满意\n谢谢');
const at = (label: string) => text(`<a href="${url}">${label}</a>`);
const cannot = (label: string) => text(`[${label}]\n（暂时无法在这里显示）`);

/** One line for each cell of the table. */
const CELLS: [Way, Message, Can, Form, Message[]][] = [
  ['send', text('a'), {}, 'itself', [text('a')]],
  ['reply', text('a'), {}, 'itself', [text('a')]],
  ['send', image, {}, 'itself', [image]],
  ['send', image, { ...off, url }, 'article', [build.news({ title: '图片', picUrl: url, url })]],
  ['send', image, off, 'notice', [cannot('图片')]],
  ['reply', image, {}, 'itself', [image]],
  ['reply', image, { ...off, url }, 'article', [build.news({ title: '图片', picUrl: url, url })]],
  ['reply', image, off, 'notice', [cannot('图片')]],
  ['send', voice, {}, 'itself', [voice]],
  ['send', voice, { ...off, url }, 'links', [at('语音')]],
  ['send', voice, off, 'notice', [cannot('语音')]],
  ['reply', voice, {}, 'itself', [voice]],
  ['reply', voice, { ...off, url }, 'links', [at('语音')]],
  ['reply', voice, off, 'notice', [cannot('语音')]],
  ['send', video, {}, 'itself', [video]],
  ['send', video, { ...off, url }, 'links', [at('视频：片')]],
  ['send', video, off, 'notice', [text('[视频] 片\n（暂时无法在这里显示）')]],
  ['reply', video, {}, 'itself', [video]],
  ['reply', video, { ...off, url }, 'links', [at('视频：片')]],
  ['reply', video, off, 'notice', [text('[视频] 片\n（暂时无法在这里显示）')]],
  ['send', build.video({ mediaId: 'V' }), { url }, 'links', [at('视频')]],
  ['reply', build.video({ mediaId: 'V' }), {}, 'itself', [build.video({ mediaId: 'V' })]],
  ['send', music, {}, 'itself', [music]],
  ['send', music, off, 'links', [text('<a href="https://m.com/a.mp3">音乐：歌</a>\n好听')]],
  ['send', silent, off, 'notice', [cannot('音乐')]],
  ['reply', music, {}, 'itself', [music]],
  ['reply', music, off, 'links', [text('<a href="https://m.com/a.mp3">音乐：歌</a>\n好听')]],
  ['reply', silent, off, 'notice', [cannot('音乐')]],
  ['send', build.news({ title: 'A' }), {}, 'itself', [build.news({ title: 'A' })]],
  ['send', articles, { articles: 8 }, 'first article, rest as links', [build.news(articles.articles[0]!), restLinks]],
  ['reply', articles, { articles: 8 }, 'itself', [articles]],
  ['reply', articles, {}, 'links', [allLinks]],
  ['send', menu, {}, 'itself', [menu]],
  ['send', menu, { menus: false }, 'numbered text', [numbered]],
  ['reply', menu, {}, 'numbered text', [numbered]],
  ['send', program, {}, 'itself', [program]],
  [
    'send',
    program,
    off,
    'mini-program link',
    [text('<a data-miniprogram-appid="wx1" data-miniprogram-path="p?a=1">点餐</a>')],
  ],
  ['reply', program, { url }, 'links', [at('小程序：点餐')]],
  ['reply', program, {}, 'notice', [text('[小程序] 点餐\n（暂时无法在这里显示）')]],
  ['send', card, {}, 'itself', [card]],
  ['reply', card, { url }, 'links', [at('卡券')]],
  ['reply', card, {}, 'notice', [cannot('卡券')]],
  ['send', article, {}, 'itself', [article]],
  ['reply', article, { url }, 'links', [at('文章')]],
  ['reply', article, {}, 'notice', [cannot('文章')]],
  ['send', material, {}, 'itself', [material]],
  ['send', material, { ...off, url }, 'links', [at('文章')]],
  ['send', material, off, 'notice', [cannot('文章')]],
  ['reply', material, { url }, 'links', [at('文章')]],
  ['reply', material, {}, 'notice', [cannot('文章')]],
  ['send', link, {}, 'itself', [link]],
  [
    'reply',
    link,
    {},
    'article',
    [build.news({ title: 't', description: 'd', url: 'https://l.com', picUrl: 'https://l.com/p.png' })],
  ],
  ['send', build.transfer('kf'), {}, 'session', []],
  ['reply', build.transfer('kf'), {}, 'itself', [build.transfer('kf')]],
  ['send', build.transferToAi(), {}, 'refusal', []],
  ['reply', build.transferToAi(), {}, 'itself', [build.transferToAi()]],
];

const push = { ToUserName: 'gh_1', FromUserName: 'o1', CreateTime: '1', MsgType: 'event' };

describe('what the open way cannot carry falls back', () => {
  test.each(CELLS)('%s %j where %j: %s', (way, message, can, as, messages) => {
    expect(carry(message, way, can)).toEqual({ as, messages });
    for (const one of messages)
      way === 'send' ? customerServiceMessage('o1', one) : buildReply(push, one as build.ReplyMessage, 0);
  });

  test('every cell of the table is above', () => {
    const named = Object.entries(FALLBACKS).flatMap(([type, ways]) =>
      Object.entries(ways).flatMap(([way, forms]) => forms.map((form) => `${type} ${way} ${form}`)),
    );
    const tested = CELLS.map(([way, { type }, , as]) => `${type} ${way} ${as}`);
    expect(new Set(tested)).toEqual(new Set(named));
  });

  test('something is always said, but where there is nothing to say it to', () => {
    const able: Can[] = [{}, off, { url }, { ...off, url }, { menus: false }, { articles: 8 }];
    for (const [way, message] of CELLS)
      for (const can of able) {
        const { as, messages }: Carried = carry(message, way, can);
        expect(messages.length > 0 || as === 'session' || as === 'refusal').toBe(true);
      }
  });
});

test('the table in docs/delivery.md is that of the code', () => {
  const page = readFileSync(new URL('../../docs/delivery.md', import.meta.url), 'utf8');
  const rows = Object.entries(FALLBACKS).map(
    ([type, { send, reply }]) => `| \`${type}\` | ${send.join(' → ')} | ${reply.join(' → ')} |`,
  );
  expect(page.split('<!-- fallbacks -->')[1]?.trim().split('\n').slice(2)).toEqual(rows);
});
