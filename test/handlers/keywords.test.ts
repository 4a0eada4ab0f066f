import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import type { RunContext } from '../../src/handlers/definition.ts';
import { keywords } from '../../src/handlers/keywords.ts';
import { createRouter, matchFromJson, matchToJson } from '../../src/handlers/route.ts';
import { parsePush } from '../../src/wechat/parse.ts';

const folder = mkdtempSync(join(tmpdir(), 'wxrelay-keywords-'));
let count = 0;
afterAll(() => rmSync(folder, { recursive: true }));

const save = (content: unknown) => {
  const file = join(folder, `${++count}.json`);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
};
const text = (content: string) => ({ type: 'text', content });
const article = (title: string) => ({ title, author: '', digest: '', cover_url: 'http://c', content_url: 'http://a' });
const rule = (mode: string, keys: Record<string, 'equal' | 'contain'>, ...reply_list_info: object[]) => ({
  rule_name: 'rule',
  create_time: 1423028166,
  reply_mode: mode,
  keyword_list_info: Object.entries(keys).map(([content, match_mode]) => ({ type: 'text', match_mode, content })),
  reply_list_info,
});
const rules = (...list: object[]) => ({ keyword_autoreply_info: { list } });

const push = (type: string, fields: Record<string, string> = {}) => {
  const rest = Object.entries(fields).map(([name, value]) => `<${name}><![CDATA[${value}]]></${name}>`);
  return parsePush(
    `<xml><ToUserName>gh_1</ToUserName><FromUserName>o1</FromUserName><CreateTime>1</CreateTime><MsgType>${type}</MsgType>${rest.join('')}</xml>`,
  );
};
const wrote = (Content: string) => push('text', { Content });

/** What is answered to a push: the passive reply, or what the run returns after its match has been in a job. */
function answerer(content: unknown) {
  const route = createRouter(keywords(save(content)), (_, error) => {
    throw error;
  });
  return (one: ReturnType<typeof push>) => {
    const found = route(one);
    if (!found) return undefined;
    const { handler, match } = found;
    const context = { push: one, match: matchFromJson(JSON.parse(JSON.stringify(matchToJson(match)))) };
    if (handler.run) return { sent: handler.run(context as RunContext<unknown, unknown>) };
    return { replied: (handler.reply as (given: object) => unknown)(context) };
  };
}

describe('a keyword', () => {
  const answer = answerer(
    rules(
      rule('reply_all', { 天: 'contain' }, text('天空')),
      rule('reply_all', { 天气: 'equal', weather: 'equal' }, text('晴')),
      rule('reply_all', { 天: 'contain', 地: 'contain' }, text('大地')),
    ),
  );

  test.each([
    ['今天呢', '天空'],
    ['天气', '晴'],
    ['weather', '晴'],
    ['天气呢', '天空'],
    ['大地', '大地'],
  ])('%s is answered: equal before contained, then the first rule', (said, content) => {
    expect(answer(wrote(said))).toEqual({ replied: { type: 'text', content } });
  });

  test.each(['Weather', ' ', '没有'])('%j is none, and goes on to the next handler', (said) => {
    expect(answer(wrote(said))).toBeUndefined();
  });

  test.each([
    [' weather ', '晴'],
    ['ｗｅａｔｈｅｒ', '晴'],
    ['天气\n', '晴'],
  ])('%j is spelled in another way, and answered', (said, content) => {
    expect(answer(wrote(said))).toEqual({ replied: { type: 'text', content } });
  });

  test.each([
    ['天气。', '晴'],
    ['weather?', '晴'],
    ['今天呢？', '天空'],
  ])('%j is said in a voice, and answered', (Recognition, content) => {
    expect(answer(push('voice', { MediaId: 'm', Recognition }))).toEqual({ replied: { type: 'text', content } });
  });

  test('is not contained in what WeChat writes in the place of a sticker', () => {
    const answering = answerer(rules(rule('reply_all', { 消息: 'contain' }, text('有'))));
    expect(answering(wrote('【收到不支持的消息类型，暂无法显示】'))).toBeUndefined();
    expect(answering(wrote('消息'))).toBeDefined();
  });

  test('of nothing but space is contained in nothing', () => {
    expect(answerer(rules(rule('reply_all', { ' ': 'contain' }, text('a'))))(wrote('x'))).toBeUndefined();
  });

  test('is the key of a menu button too, where it is equal', () => {
    const pressed = (EventKey: string) => answer(push('event', { Event: 'CLICK', EventKey }));
    expect(pressed('天气')).toEqual({ replied: { type: 'text', content: '晴' } });
    expect(pressed('天')).toBeUndefined();
  });

  test('of a random rule is answered with one of its replies, each in turn of chance', () => {
    const several = { type: 'news', news_info: { list: [article('一'), article('二')] } };
    const random = answerer(rules(rule('random_one', { x: 'equal' }, text('a'), text('b'), several)));
    const answers = Array.from({ length: 200 }, () => JSON.stringify(random(wrote('x'))));
    expect(new Set(answers.map((one) => one.slice(0, 44))).size).toBe(3);
    expect(answers).not.toContain(undefined);
  });

  test('of a rule that says all is answered with all: one as the reply, several by a worker', () => {
    const all = answerer(
      rules(
        rule('reply_all', { 一: 'equal' }, { type: 'img', content: 'M' }),
        rule('reply_all', { 多: 'equal' }, text('a'), { type: 'voice', content: 'V' }, { type: 'video', content: 'W' }),
      ),
    );
    expect(all(wrote('一'))).toEqual({ replied: { type: 'image', mediaId: 'M' } });
    expect(all(wrote('多'))).toEqual({
      sent: [
        { type: 'text', content: 'a' },
        { type: 'voice', mediaId: 'V' },
        { type: 'video', mediaId: 'W' },
      ],
    });
  });

  test('brings a news, an article in each message', () => {
    const one = { picUrl: 'http://c', url: 'http://a' };
    const newsOf = (...titles: string[]) => ({ type: 'news', content: 'N', news_info: { list: titles.map(article) } });
    const answering = answerer(
      rules(rule('reply_all', { 一: 'equal' }, newsOf('甲')), rule('reply_all', { 二: 'equal' }, newsOf('甲', '乙'))),
    );
    expect(answering(wrote('一'))).toEqual({ replied: { type: 'news', articles: [{ title: '甲', ...one }] } });
    expect(answering(wrote('二'))).toEqual({
      sent: ['甲', '乙'].map((title) => ({ type: 'news', articles: [{ title, ...one }] })),
    });
  });
});

describe('the other two', () => {
  const both = { add_friend_autoreply_info: text('谢谢关注'), message_default_autoreply_info: text('默认') };
  const follow = push('event', { Event: 'subscribe', EventKey: 'qrscene_1' });

  test('greet a new follower, and answer whatever has no keyword', () => {
    const answer = answerer({ ...both, ...rules(rule('reply_all', { 图: 'contain' }, text('有'))) });
    expect(answer(follow)).toEqual({ replied: { type: 'text', content: '谢谢关注' } });
    expect(answer(wrote('什么'))).toEqual({ replied: { type: 'text', content: '默认' } });
    expect(answer(push('image', { MediaId: 'M' }))).toEqual({ replied: { type: 'text', content: '默认' } });
    expect(answer(push('event', { Event: 'CLICK', EventKey: '什么' }))).toBeUndefined();
    expect(answer(push('event', { Event: 'unsubscribe' }))).toBeUndefined();
  });

  test('say nothing where they are switched off, or not there', () => {
    for (const content of [{ ...both, is_add_friend_reply_open: 0, is_autoreply_open: 0 }, {}]) {
      const answer = answerer(content);
      expect([answer(follow), answer(wrote('什么'))]).toEqual([undefined, undefined]);
    }
  });
});

describe('a file', () => {
  test('may be named by a URL', () => {
    expect(keywords(pathToFileURL(save({})))).toHaveLength(2);
  });

  test('that is wrong stops the start, with all that is wrong, and where', () => {
    const wrong = {
      is_autoreply_open: 2,
      add_friend_autoreply_info: { type: 'card', content: 'x' },
      ...rules(
        { ...rule('all', { x: 'equal' }, text('a')) },
        { ...rule('reply_all', { '': 'equal' }), rule_name: 'empty' },
        rule('reply_all', { x: 'equal' }, text('字'.repeat(683))),
      ),
    };
    const file = save(wrong);
    let error: unknown;
    try {
      keywords(file);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ name: 'ConfigError' });
    const { problems } = error as { problems: string[] };
    const list = 'keyword_autoreply_info.list';
    expect(problems.map((problem) => problem.replace(`${file}: `, '').split(':')[0])).toEqual([
      'is_autoreply_open',
      'add_friend_autoreply_info.type',
      `${list}[0].reply_mode`,
      `${list}[1].keyword_list_info[0].content`,
      `${list}[1].reply_list_info`,
      `${list}[2].reply_list_info[0].content`,
    ]);
    expect(problems.at(-1)).toContain('more than 2048 bytes');
  });

  test('that is not there, or no JSON, does so too', () => {
    expect(() => keywords(join(folder, 'none.json'))).toThrow(/none\.json cannot be read \(ENOENT\).*wxrelay import/);
    expect(() => keywords(save('no json'))).toThrow('is not JSON');
  });
});
