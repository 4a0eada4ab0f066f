import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { keywords } from '../../src/index.ts';
import { startServer } from '../api/server.ts';
import { useTools } from './tool-harness.ts';

const tools = useTools();
const { run } = tools;
const SELF_MENU = '/cgi-bin/get_current_selfmenu_info';
const AUTO_REPLIES = '/cgi-bin/get_current_autoreply_info';
const article = {
  title: '标题',
  digest: '摘要',
  show_cover: 0,
  cover_url: 'http://c',
  content_url: 'http://a',
  source_url: '',
};
const news = { type: 'news', content: 'NEWS', news_info: { list: [article] } };

const rule = (name: string, ...reply_list_info: object[]) => ({
  rule_name: name,
  create_time: 1423028166,
  reply_mode: 'reply_all',
  keyword_list_info: [{ type: 'text', match_mode: 'contain', content: name }],
  reply_list_info,
});
const hello = { type: 'text', content: '你好' };
const picture = { type: 'img', content: 'TEMPORARY' };

let dir = '';
let count = 0;
beforeEach(() => {
  dir = `import-${++count}`;
  tools.answers[SELF_MENU] = {
    is_menu_open: 1,
    selfmenu_info: {
      button: [
        {
          name: '更多',
          sub_button: {
            list: [
              { type: 'view', name: '官网', url: 'http://www.qq.com' },
              { type: 'text', name: '地址', value: '北京' },
              { type: 'img', name: '图', value: 'TEMPORARY' },
              { ...news, type: 'news', name: '图文', value: 'NEWS' },
              { type: 'miniprogram', name: '程序', url: 'http://m', appid: 'wx1', pagepath: 'a/b' },
            ],
          },
        },
        { type: 'click', name: '歌', key: 'SONG' },
        { type: 'video', name: '片', value: 'http://vweixin.tc.qq.com/x' },
      ],
    },
  };
  tools.answers[AUTO_REPLIES] = {
    is_add_friend_reply_open: 1,
    is_autoreply_open: 0,
    add_friend_autoreply_info: { type: 'text', content: '谢谢关注' },
    message_default_autoreply_info: hello,
    keyword_autoreply_info: { list: [rule('时间', hello, news, picture), rule('图', picture)] },
  };
});
const read = (name: string) => JSON.parse(readFileSync(join(tools.folder, dir, name), 'utf8'));

describe('wxrelay import', () => {
  test('saves a menu that "menu set" takes, and says which buttons it lacks', async () => {
    const { code, output } = await run(['import', '--dir', dir]);
    expect(code).toBe(0);
    for (const name of ['图', '片']) expect(output).toContain(`the menu's button "${name}"`);
    expect(output).toContain('--keep-media');
    const menu = {
      button: [
        {
          name: '更多',
          sub_button: [
            { type: 'view', name: '官网', url: 'http://www.qq.com' },
            { type: 'click', name: '地址', key: 'menu-text-1' },
            { type: 'media_id', name: '图文', media_id: 'NEWS' },
            { type: 'miniprogram', name: '程序', url: 'http://m', appid: 'wx1', pagepath: 'a/b' },
          ],
        },
        { type: 'click', name: '歌', key: 'SONG' },
      ],
    };
    expect(read('menu.json')).toEqual(menu);
    expect(await run(['menu', 'set', join(dir, 'menu.json')])).toMatchObject({ code: 0 });
    expect(tools.bodies().at(-1)).toEqual(['/cgi-bin/menu/create', menu]);
  });

  test('saves auto-replies that keywords() takes, without what dies in 3 days', async () => {
    const { stdout } = await run(['import', '--dir', dir, '--json']);
    expect(JSON.parse(stdout)).toEqual({
      menu: { file: join(dir, 'menu.json'), buttons: 2 },
      keywords: { file: join(dir, 'keywords.json'), rules: 2 },
      notes: expect.arrayContaining(['a reply (img) of "时间" is left out', 'a reply (img) of "图" is left out']),
    });
    expect(read('keywords.json')).toEqual({
      is_add_friend_reply_open: 1,
      is_autoreply_open: 0,
      add_friend_autoreply_info: { type: 'text', content: '谢谢关注' },
      message_default_autoreply_info: hello,
      keyword_autoreply_info: {
        list: [
          rule('时间', hello, news),
          {
            rule_name: '菜单: 地址',
            reply_mode: 'reply_all',
            keyword_list_info: [{ type: 'text', match_mode: 'equal', content: 'menu-text-1' }],
            reply_list_info: [{ type: 'text', content: '北京' }],
          },
        ],
      },
    });
    expect(keywords(join(tools.folder, dir, 'keywords.json'))).toHaveLength(2);
  });

  test('leaves out, and names, what keywords() would stop at, or says that it would', async () => {
    const { content_url: _, ...deleted } = article;
    const both = { type: 'news', content: 'N', news_info: { list: [deleted, article] } };
    const none = { type: 'news', content: 'N', news_info: { list: [deleted] } };
    tools.answers[AUTO_REPLIES] = {
      is_add_friend_reply_open: 1,
      is_autoreply_open: 1,
      add_friend_autoreply_info: none,
      keyword_autoreply_info: { list: [rule('一', both), rule('二', none), rule('三', hello)] },
    };
    const { code, output } = await run(['import', '--dir', dir]);
    expect(code).toBe(0);
    expect(output.match(/an article of "[^"]+" has no content_url and is left out/g)).toHaveLength(3);
    expect(output).not.toContain('will not be taken');
    const { keyword_autoreply_info: kept, add_friend_autoreply_info: welcome } = read('keywords.json');
    expect(kept.list.slice(0, 2)).toEqual(
      [rule('一', news), rule('三', hello)].map((one) => expect.objectContaining({ rule_name: one.rule_name })),
    );
    expect(kept.list[0].reply_list_info[0].news_info.list).toEqual([article]);
    expect(welcome).toBeUndefined();
    expect(keywords(join(tools.folder, dir, 'keywords.json'))).toHaveLength(2);

    tools.answers[AUTO_REPLIES] = {
      is_add_friend_reply_open: 0,
      is_autoreply_open: 1,
      keyword_autoreply_info: { list: [rule('长', { type: 'text', content: '长'.repeat(1000) })] },
    };
    const long = await run(['import', '--dir', dir, '--force']);
    expect(long.output).toContain('reply_list_info[0].content: has more than 2048 bytes');
    expect(long.code).toBe(1);
  });

  test('with --keep-media uploads what would die for good, byte for byte', async () => {
    const png = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), randomBytes(10_000)]);
    const mp4 = Buffer.concat([Buffer.from('0000001866747970', 'hex'), randomBytes(1000)]);
    const videos = await startServer((_, response) => void response.end(mp4));
    const { selfmenu_info } = tools.answers[SELF_MENU] as { selfmenu_info: { button: Record<string, unknown>[] } };
    selfmenu_info.button[2]!['value'] = `${videos.url}/film`;
    tools.answers['/cgi-bin/media/get'] = png;
    tools.answers['/cgi-bin/material/add_material'] = [
      { media_id: 'KEPT-1', url: 'http://x' },
      { media_id: 'KEPT-2' },
      { media_id: 'KEPT-3' },
      { media_id: 'KEPT-4' },
    ];
    const { code, output } = await run(['import', '--dir', dir, '--keep-media']);
    await videos.close();
    expect(code).toBe(0);
    expect(output).not.toContain('Note:');
    const { button } = read('menu.json');
    expect(button[0].sub_button[2]).toEqual({ type: 'media_id', name: '图', media_id: 'KEPT-1' });
    expect(button[2]).toEqual({ type: 'media_id', name: '片', media_id: 'KEPT-2' });
    const [time, pictures] = read('keywords.json').keyword_autoreply_info.list;
    expect(time.reply_list_info[2]).toEqual({ type: 'img', content: 'KEPT-3' });
    expect(pictures.reply_list_info).toEqual([{ type: 'img', content: 'KEPT-4' }]);
    expect(await tools.uploaded()).toMatchObject({ type: 'image', bytes: png });
    const adds = tools.asked().filter(({ path }) => path === '/cgi-bin/material/add_material');
    expect(adds[1]?.bytes.includes(mp4)).toBe(true);
  });

  test('leaves out, and names, what could not be kept', async () => {
    tools.answers['/cgi-bin/media/get'] = { errcode: 40007, errmsg: 'invalid media_id' };
    const { code, output } = await run(['import', '--dir', dir, '--keep-media']);
    expect(code).toBe(0);
    expect(output).toContain('the img of "图" could not be kept');
    expect(output).toContain('40007');
    expect(read('keywords.json').keyword_autoreply_info.list).toHaveLength(2);
  });

  test('writes over nothing, unless told, and asks nothing of WeChat before it knows', async () => {
    await run(['import', '--dir', dir]);
    const mine = join(tools.folder, dir, 'keywords.json');
    writeFileSync(mine, 'mine');
    tools.server.calls.length = 0;
    const { code, output } = await run(['import', '--dir', dir]);
    expect([code, output]).toEqual([2, expect.stringContaining('--force')]);
    expect(tools.server.calls).toEqual([]);
    expect(readFileSync(mine, 'utf8')).toBe('mine');
    expect(await run(['import', '--dir', dir, '--force'])).toMatchObject({ code: 0 });
    expect(read('keywords.json').is_add_friend_reply_open).toBe(1);
  });

  test('writes nothing where there is nothing', async () => {
    tools.answers[SELF_MENU] = { is_menu_open: 0, selfmenu_info: { button: [] } };
    tools.answers[AUTO_REPLIES] = { is_add_friend_reply_open: 0, is_autoreply_open: 0 };
    expect(await run(['import', '--dir', dir])).toMatchObject({ code: 0, stdout: 'No menu.\nNo auto-replies.\n' });
    for (const name of ['menu.json', 'keywords.json']) expect(existsSync(join(tools.folder, dir, name))).toBe(false);
  });
});
