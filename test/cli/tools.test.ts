import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, inject, test } from 'vitest';
import { savePicture } from '../../src/cli/qrcode.ts';
import { startServer } from '../api/server.ts';
import { startAtTerminal } from '../helpers/child.ts';
import { eventually } from '../helpers/eventually.ts';
import { freePort } from '../helpers/ports.ts';
import { createWorld } from '../helpers/world.ts';
import { useTools } from './tool-harness.ts';

const OPENIDS = ['oTest0penid_AAAAAAAAAAAAAAA1', 'oTest0penid_AAAAAAAAAAAAAAA2'];

const tools = useTools();
const { run, asked, bodies, file, uploaded } = tools;
const button = [{ type: 'click', name: '天气', key: 'WEATHER', sub_button: [] }];

test('without an account a tool says what is missing', async () => {
  const { code, output } = await run(['menu', 'get'], { WECHAT_APP_SECRET: '' });
  expect(code).toBe(78);
  expect(output).toContain('WECHAT_APP_SECRET');
});

test('a refusal of WeChat is printed in both languages, with the errcode, and the exit code tells', async () => {
  tools.answers['/cgi-bin/menu/delete'] = { errcode: 48001, errmsg: 'api unauthorized rid: 5f0a-1b2c-3d4e' };
  const { code, output } = await run(['menu', 'delete']);
  expect(code).toBe(1);
  expect(output).toMatch(/48001.*rid: 5f0a-1b2c-3d4e\n.*\p{Script=Han}.*48001/u);
  expect(output).not.toContain('    at ');
});

test('the token is shared through the Redis of REDIS_URL', async () => {
  const env = { REDIS_URL: inject('redisUrl'), WXRELAY_PREFIX: `test-${randomBytes(6).toString('hex')}` };
  expect((await run(['menu', 'delete'], env)).code).toBe(0);
  expect((await run(['menu', 'delete'], env)).code).toBe(0);
  expect(tools.server.calls.filter(({ path }) => path === '/cgi-bin/stable_token')).toHaveLength(1);
  expect(asked()).toHaveLength(2);
});

test('what WeChat holds back is held back from the tools too', async () => {
  const env = { REDIS_URL: inject('redisUrl'), WXRELAY_PREFIX: `test-${randomBytes(6).toString('hex')}` };
  tools.answers['/cgi-bin/menu/delete'] = { errcode: 45009, errmsg: 'reach max api daily quota limit' };
  for (const _ of [1, 2]) expect(await run(['menu', 'delete'], env)).toMatchObject({ code: 1 });
  expect(asked()).toHaveLength(1);
});

test('behind a gateway a tool needs no AppSecret, and fetches no token', async () => {
  const gateway = {
    WECHAT_APP_SECRET: '',
    WECHAT_API_BASE_URL: '',
    WECHAT_GATEWAY_URL: tools.server.url,
    WECHAT_GATEWAY_KEY: 'a-key-of-the-gateway',
  };
  for (const redis of [{}, { REDIS_URL: inject('redisUrl'), WXRELAY_PREFIX: 'test-behind' }])
    expect(await run(['menu', 'delete'], { ...gateway, ...redis })).toMatchObject({ code: 0, output: 'Deleted.' });
  expect(tools.server.calls.map(({ path, query }) => [path, query.size])).toEqual(
    Array(2).fill(['/cgi-bin/menu/delete', 0]),
  );
  expect(tools.server.calls[0]?.headers.authorization).toBe('Bearer a-key-of-the-gateway');
});

test('an account of passive replies alone needs its AppSecret for a tool', async () => {
  const { code, output } = await run(['menu', 'get'], { WECHAT_APP_SECRET: '', WECHAT_CUSTOMER_SERVICE: 'off' });
  expect([code, output]).toEqual([78, expect.stringContaining('WECHAT_APP_SECRET')]);
});

test('why a tool fails is not among what it prints', async () => {
  const nobody = `redis://127.0.0.1:${await freePort()}`;
  expect(await run(['queue', 'list', '--json'], { REDIS_URL: nobody })).toMatchObject({ code: 1, stdout: '' });
});

test.each([
  ['queue list', 'Nothing has been given up on.'],
  ['queue list --parked', 'No answer waits for its user to write.'],
  ['trace --malformed', 'No body with a good signature was malformed.'],
])('%s says so where there is nothing, and prints no line of JSON', async (line, says) => {
  const env = { REDIS_URL: inject('redisUrl'), WXRELAY_PREFIX: `test-${randomBytes(6).toString('hex')}` };
  expect(await run(line.split(' '), env)).toMatchObject({ code: 0, stdout: '', output: says });
  expect(await run([...line.split(' '), '--json'], env)).toMatchObject({ code: 0, output: '' });
});

test('with that Redis away a token is fetched for the command alone, which says so', async () => {
  const { code, output } = await run(['menu', 'delete'], { REDIS_URL: `redis://127.0.0.1:${await freePort()}` });
  expect([code, output]).toEqual([0, expect.stringContaining('for this command alone')]);
  expect(output).toContain('ECONNREFUSED');
  expect(bodies()).toEqual([['/cgi-bin/menu/delete', undefined]]);
});

describe('wxrelay menu', () => {
  test('prints with get what set takes', async () => {
    tools.answers['/cgi-bin/menu/get'] = { menu: { button, menuid: 208396938 } };
    const { code, output } = await run(['menu', 'get']);
    expect(code).toBe(0);
    const set = await run(['menu', 'set', file('menu.json', output)]);
    expect(set).toMatchObject({ code: 0, output: 'Set: 1 buttons.' });
    expect(bodies().at(-1)).toEqual(['/cgi-bin/menu/create', { button }]);
    const whole = await run(['menu', 'get', '--json']);
    await run(['menu', 'set', file('whole.json', whole.output), '--json']);
    expect(bodies().at(-1)).toEqual(['/cgi-bin/menu/create', { button }]);
  });

  test('says so where none is set', async () => {
    tools.answers['/cgi-bin/menu/get'] = { errcode: 46003, errmsg: 'menu no exist' };
    expect(await run(['menu', 'get'])).toMatchObject({ code: 0, output: expect.stringContaining('no menu') });
    expect(await run(['menu', 'get', '--json'])).toMatchObject({ code: 0, output: '{}' });
  });

  test.each([
    ['nothing.json', undefined, 2, 'nothing.json cannot be read'],
    ['words.json', 'no json', 2, 'words.json is not JSON'],
    ['null.json', 'null', 1, '1 to 3'],
    ['many.json', { button: Array(4).fill(button[0]) }, 1, '1 to 3'],
  ])('set refuses %s', async (name, content, status, says) => {
    if (content !== undefined) file(name, content);
    const { code, output } = await run(['menu', 'set', name]);
    expect([code, output]).toEqual([status, expect.stringContaining(says)]);
    expect(asked()).toEqual([]);
  });
});

describe('wxrelay quota', () => {
  const SEND = '/cgi-bin/message/custom/send';
  const quota = { daily_limit: 500000, used: 3, remain: 499997 };

  test('prints what one API has left', async () => {
    tools.answers['/cgi-bin/openapi/quota/get'] = { quota, rate_limit: { call_count: 100, refresh_second: 60 } };
    const { output } = await run(['quota', SEND]);
    expect(output).toBe(`${SEND}  3 of 500000 used today, 499997 left; at most 100 in 60 s`);
    expect(JSON.parse((await run(['quota', SEND, '--json'])).output)).toMatchObject({ api: SEND, quota });
  });

  test('goes on to the next where the account lacks one, and has failed where it lacks all', async () => {
    tools.answers['/cgi-bin/openapi/quota/get'] = { errcode: 76022, errmsg: 'no permission' };
    const { code, lines } = await run(['quota']);
    expect(code).toBe(1);
    expect(lines.length).toBe(asked().length);
    expect((await run(['quota', SEND])).code).toBe(1);
  });
});

describe('wxrelay qrcode', () => {
  beforeEach(() => {
    tools.answers['/cgi-bin/qrcode/create'] = { ticket: 'gQ/1==', expire_seconds: 60, url: 'http://weixin.qq.com/q/x' };
  });
  const info = (scene: object) => ({ action_info: { scene } });

  test.each([
    [['42'], { expire_seconds: 2592000, action_name: 'QR_SCENE', ...info({ scene_id: 42 }) }],
    [
      ['42', '--text', '--seconds', '60'],
      { expire_seconds: 60, action_name: 'QR_STR_SCENE', ...info({ scene_str: '42' }) },
    ],
    [['海报', '--permanent'], { action_name: 'QR_LIMIT_STR_SCENE', ...info({ scene_str: '海报' }) }],
  ])('%j makes a code', async (args, body) => {
    const { code, output } = await run(['qrcode', ...args]);
    expect(code).toBe(0);
    expect(output).toContain('https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket=gQ%2F1%3D%3D');
    expect(bodies()).toEqual([['/cgi-bin/qrcode/create', body]]);
  });

  test('prints JSON, and refuses what WeChat would', async () => {
    expect(JSON.parse((await run(['qrcode', '42', '--json'])).output)).toMatchObject({ ticket: 'gQ/1==' });
    const { code, output } = await run(['qrcode', '100001', '--permanent']);
    expect([code, output]).toEqual([1, expect.stringContaining('1 to 100000')]);
  });

  test('a picture is saved byte for byte; what is none leaves the file as it was', async () => {
    const bytes = randomBytes(5000);
    const pictures = await startServer(({ path }, response) => {
      const found = path === '/picture';
      response.writeHead(200, { 'content-type': found ? 'image/jpg' : 'text/html' }).end(found ? bytes : '<html>');
    });
    const target = join(tools.folder, 'code.jpg');
    await savePicture(`${pictures.url}/picture`, target);
    expect(readFileSync(target).equals(bytes)).toBe(true);
    await expect(savePicture(`${pictures.url}/page?ticket=x`, target)).rejects.toMatchObject({ name: 'NetworkError' });
    expect(readFileSync(target).equals(bytes)).toBe(true);
    await pictures.close();
    await expect(savePicture(`${pictures.url}/picture`, join(tools.folder, 'none.jpg'))).rejects.toThrow('/picture');
    expect(existsSync(join(tools.folder, 'none.jpg'))).toBe(false);
  });
});

describe('wxrelay draft', () => {
  const article = { title: '标题', content: '<p>正文</p>', thumb_media_id: 'COVER' };

  test.each([
    ['one article', article],
    ['a list', [article]],
    ['WeChat’s own body', { articles: [article] }],
  ])('adds %s, and prints its media_id', async (_, content) => {
    tools.answers['/cgi-bin/draft/add'] = { media_id: 'MEDIA' };
    const name = file('draft.json', content);
    expect(await run(['draft', 'add', name])).toMatchObject({ code: 0, output: 'MEDIA' });
    expect(bodies()).toEqual([['/cgi-bin/draft/add', { articles: [article] }]]);
    expect((await run(['draft', 'add', name, '--json'])).output).toBe('{"media_id":"MEDIA"}');
  });

  test('lists them, a line each', async () => {
    const one = { media_id: 'MEDIA', content: { news_item: [article, article] }, update_time: 1767225600 };
    tools.answers['/cgi-bin/draft/batchget'] = { total_count: 7, item_count: 1, item: [one] };
    const { lines } = await run(['draft', 'list', '--offset', '3', '--count', '1']);
    expect(lines).toContain('MEDIA  2026-01-01T00:00:00.000Z  标题 · 标题');
    expect(bodies()).toEqual([['/cgi-bin/draft/batchget', { offset: 3, count: 1, no_content: 0 }]]);
    expect((await run(['draft', 'list', '--json'])).lines.map((line) => JSON.parse(line))).toEqual([one]);
  });
});

/** As WeChat pushes it when a send to many has ended. */
const finished = (msgId: string, status: string) =>
  `<xml><ToUserName><![CDATA[gh_0f1e2d3c4b5a]]></ToUserName><FromUserName><![CDATA[${OPENIDS[0]}]]></FromUserName><CreateTime>${Math.floor(Date.now() / 1000)}</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[MASSSENDJOBFINISH]]></Event><MsgID>${msgId}</MsgID><Status><![CDATA[${status}]]></Status><TotalCount>100</TotalCount><FilterCount>80</FilterCount><SentCount>75</SentCount><ErrorCount>5</ErrorCount></xml>`;

describe('wxrelay mass', () => {
  const SENDALL = '/cgi-bin/message/mass/sendall';
  const sends = () => bodies().filter(([path]) => path === SENDALL || path === '/cgi-bin/message/mass/send');
  beforeEach(() => {
    Object.assign(tools.answers, {
      '/cgi-bin/user/get': { total: 1234, count: 0, next_openid: '' },
      '/cgi-bin/tags/get': { tags: [{ id: 100, name: '会员', count: 7 }] },
      [SENDALL]: { errcode: 0, msg_id: 34182 },
      '/cgi-bin/message/mass/send': { errcode: 0, msg_id: 34183 },
    });
  });

  test('tells how many will get it, sends it under an id, and prints the msg_id', async () => {
    const { code, output } = await run(['mass', 'send', '--all', '--text', '大家好', '--yes']);
    expect([code, output]).toEqual([0, expect.stringContaining('To 1234 users')]);
    expect(output).toContain('msg_id 34182');
    const clientmsgid = expect.stringMatching(/^[0-9a-f]{32}$/);
    const text = { content: '大家好' };
    expect(sends()).toEqual([[SENDALL, { filter: { is_to_all: true }, text, msgtype: 'text', clientmsgid }]]);
  });

  test('run again it has the same id, and says that it was sent; another message has another', async () => {
    const again = ['mass', 'send', '--tag', '100', '--draft', 'M', '--yes'];
    await run(again);
    tools.answers[SENDALL] = { errcode: 45065, errmsg: 'clientmsgid exist' };
    expect(await run(again)).toMatchObject({ code: 1, output: expect.stringContaining('sent before') });
    await run(['mass', 'send', '--tag', '100', '--draft', 'N', '--yes']);
    const [one, same, other] = sends().map(([, body]) => body);
    expect(one).toMatchObject({ filter: { is_to_all: false, tag_id: 100 }, mpnews: { media_id: 'M' } });
    expect(same).toEqual(one);
    expect(other.clientmsgid).not.toBe(one.clientmsgid);
  });

  test('run again it prints the ids of the first send where WeChat tells them, and is done', async () => {
    tools.answers[SENDALL] = { errcode: 45065, errmsg: 'clientmsgid exist', msg_id: 34182 };
    const again = ['mass', 'send', '--all', '--text', 'x', '--yes'];
    expect(await run(again)).toMatchObject({ code: 0, stdout: 'Sent before: msg_id 34182\n' });
    expect(JSON.parse((await run([...again, '--json'])).stdout)).toMatchObject({ msg_id: '34182', sentBefore: true });
  });

  describe('with --wait', () => {
    const STATUS = '/cgi-bin/message/mass/get';
    const waiting = (seconds: string, ...more: string[]) =>
      run(['mass', 'send', '--all', '--text', 'x', '--yes', '--wait', seconds, ...more]);
    const state = (msg_status: string) => ({ msg_id: 34182, msg_status });

    test('asks until it is sent', async () => {
      tools.answers[STATUS] = [state('SENDING'), { errcode: -1, errmsg: 'system error' }, state('SEND_SUCCESS')];
      expect(await waiting('60')).toMatchObject({ code: 0, stdout: 'Under way: msg_id 34182\nSEND_SUCCESS\n' });
      expect(bodies().filter(([path]) => path === STATUS)).toEqual(Array(3).fill([STATUS, { msg_id: '34182' }]));
    });

    test('tells the counts that WeChat pushes, and so does "mass status"', async (t) => {
      const world = await createWorld();
      t.onTestFinished(() => world.close());
      await world.start('receiver');
      const { REDIS_URL = '', WXRELAY_PREFIX = '' } = world.env;
      const shared = { REDIS_URL, WXRELAY_PREFIX };
      tools.answers[STATUS] = state('SENDING');
      const ended = run(['mass', 'send', '--all', '--text', 'x', '--yes', '--wait', '--json'], shared);
      await eventually(() => expect(bodies().map(([path]) => path)).toContain(STATUS));
      const pushed = (status: string) => world.push({ xml: finished('34182', status) });
      expect((await pushed('send success')).answer?.kind).toBe('success');
      const result = {
        MsgID: '34182',
        Status: 'send success',
        TotalCount: '100',
        FilterCount: '80',
        SentCount: '75',
        ErrorCount: '5',
      };
      const { code, stdout } = await ended;
      expect([code, JSON.parse(stdout)]).toEqual([
        0,
        expect.objectContaining({ msg_id: '34182', msg_status: 'SEND_SUCCESS', result }),
      ]);
      tools.answers[STATUS] = state('SEND_SUCCESS');
      expect((await run(['mass', 'status', '34182'], shared)).output).toBe(
        'SEND_SUCCESS (send success): of 100, 75 sent, 20 filtered out, 5 failed',
      );
      await pushed('err(20013)');
      expect(await waiting('60')).toMatchObject({ code: 0, stdout: 'Under way: msg_id 34182\nSEND_SUCCESS\n' });
      expect(await run(['mass', 'send', '--all', '--text', 'x', '--yes', '--wait'], shared)).toMatchObject({
        code: 1,
        stdout: expect.stringContaining('SEND_FAIL (err(20013)): of 100, 75 sent'),
      });
    });

    test.each(['SEND_FAIL', 'DELETE'])('says so where it ends in %s', async (ended) => {
      tools.answers[STATUS] = state(ended);
      const { code, stdout } = await waiting('60', '--json');
      expect([code, JSON.parse(stdout)]).toEqual([1, expect.objectContaining({ msg_id: '34182', msg_status: ended })]);
    });

    test('ends when the time is over, or asking is in vain, and keeps the msg_id', async () => {
      tools.answers[STATUS] = state('SENDING');
      expect(await waiting('0')).toMatchObject({ code: 1, output: expect.stringContaining('mass status 34182') });
      tools.answers[STATUS] = { errcode: 48001, errmsg: 'api unauthorized' };
      const { code, stdout } = await waiting('60', '--json');
      expect([code, JSON.parse(stdout)]).toEqual([1, expect.objectContaining({ msg_status: 'SENDING' })]);
      expect(await waiting('soon')).toMatchObject({ code: 2, output: expect.stringContaining('--wait soon') });
    });
  });

  // A terminal that a test can type at: util-linux has one, other systems' script takes other arguments.
  const hasTerminal = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux');

  test.for([
    ['yes', 0, 1],
    ['是', 0, 1],
    ['no', 1, 0],
    ['', 1, 0],
    ['\u0004', 1, 0],
  ] as const)('at a terminal asks, and takes %j for what it is', async ([said, status, sent], t) => {
    if (!hasTerminal) t.skip('there is no script of util-linux here to make a terminal with');
    const child = startAtTerminal(['mass', 'send', '--all', '--text', 'x'], tools.account());
    await eventually(() => expect(child.output()).toContain('Send it to 1234? (yes/no)'));
    expect(sends()).toEqual([]);
    child.type(said === '\u0004' ? said : `${said}\r`);
    expect(await child.ended).toBe(status);
    expect(sends()).toHaveLength(sent);
    expect(child.output()).toContain(sent ? 'Under way: msg_id 34182' : 'Nothing was sent.');
  });

  test('goes to each of a file of openids once, under an id that is given', async () => {
    const name = file('openids.txt', `${OPENIDS.join('\r\n')}\n${OPENIDS[0]}\n`);
    const { output } = await run([
      'mass',
      'send',
      '--openids',
      name,
      '--image',
      'M',
      '--id',
      'mine',
      '--yes',
      '--json',
    ]);
    expect(JSON.parse(output.split('\n').find((line) => line.startsWith('{')) ?? '')).toEqual({
      msg_id: '34183',
      clientmsgid: 'mine',
      receivers: 2,
    });
    expect(sends()[0]?.[1]).toMatchObject({ touser: OPENIDS, images: { media_ids: ['M'] }, clientmsgid: 'mine' });
  });

  test.each([
    ['nobody to ask', ['--all', '--text', 'x'], 2, '--yes'],
    ['no receivers', ['--text', 'x', '--yes'], 2, '--all, --tag ID, --openids FILE'],
    ['two kinds of receivers', ['--all', '--tag', '1', '--text', 'x', '--yes'], 2, 'give one of'],
    ['no message', ['--all', '--yes'], 2, '--text, --draft'],
    ['two messages', ['--all', '--text', 'x', '--draft', 'M', '--yes'], 2, 'give one of'],
    ['a tag that is a word', ['--tag', 'vip', '--text', 'x', '--yes'], 2, 'not the number'],
    ['a tag that there is not', ['--tag', '5', '--text', 'x', '--yes'], 1, 'no tag 5; it has 100'],
  ])('with %s nothing is sent', async (_, args, status, says) => {
    const { code, output } = await run(['mass', 'send', ...args]);
    expect([code, output]).toEqual([status, expect.stringContaining(says)]);
    expect(sends()).toEqual([]);
  });

  test('previews to one person, prints the state, and deletes', async () => {
    tools.answers['/cgi-bin/message/mass/get'] = { msg_id: 34182, msg_status: 'SEND_SUCCESS' };
    expect((await run(['mass', 'preview', '--wechat-id', 'me', '--draft', 'M'])).code).toBe(0);
    expect((await run(['mass', 'status', '34182'])).output).toBe('SEND_SUCCESS');
    expect((await run(['mass', 'delete', '34182', '--article', '2'])).code).toBe(0);
    expect((await run(['mass', 'delete', '34182', '--article', 'two'])).code).toBe(1);
    expect(bodies()).toEqual([
      ['/cgi-bin/message/mass/preview', { towxname: 'me', mpnews: { media_id: 'M' }, msgtype: 'mpnews' }],
      ['/cgi-bin/message/mass/get', { msg_id: '34182' }],
      ['/cgi-bin/message/mass/delete', { msg_id: 34182, article_idx: 2 }],
    ]);
  });
});

const png = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), randomBytes(200_000)]);

describe('wxrelay media', () => {
  test('uploads a file as what its name says, or as --type says', async () => {
    tools.answers['/cgi-bin/media/upload'] = { type: 'image', media_id: 'MEDIA', created_at: 1 };
    writeFileSync(join(tools.folder, '图.PNG'), png);
    expect(await run(['media', 'upload', '图.PNG'])).toMatchObject({ code: 0, stdout: 'MEDIA\n' });
    const image = { path: '/cgi-bin/media/upload', type: 'image', name: '图.png', bytes: png, fields: {} };
    expect(await uploaded()).toEqual(image);
    const { stdout } = await run(['media', 'upload', '图.PNG', '--type', 'image', '--json']);
    expect(JSON.parse(stdout)).toEqual({ type: 'image', media_id: 'MEDIA', created_at: 1 });
  });

  test('refuses what it cannot be, before anything is sent', async () => {
    writeFileSync(join(tools.folder, 'film.mp4'), png);
    writeFileSync(join(tools.folder, 'words.txt'), 'words');
    expect(await run(['media', 'upload', 'words.txt'])).toMatchObject({
      code: 2,
      output: expect.stringContaining('--type'),
    });
    expect(await run(['media', 'upload', 'film.mp4'])).toMatchObject({
      code: 1,
      output: expect.stringContaining('a png file'),
    });
    expect(await run(['media', 'upload', 'none.png'])).toMatchObject({
      code: 1,
      output: expect.stringContaining('cannot be read'),
    });
    expect(asked()).toEqual([]);
  });

  test('saves a file byte for byte, under WeChat’s name or the given one', async () => {
    tools.answers['/cgi-bin/media/get'] = png;
    expect(await run(['media', 'get', 'M1'])).toMatchObject({ code: 0, stdout: 'Saved: MEDIA.png\n' });
    expect(readFileSync(join(tools.folder, 'MEDIA.png')).equals(png)).toBe(true);
    const { stdout } = await run(['media', 'get', 'M1', '--out', 'mine.png', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ file: 'mine.png' });
    expect(readFileSync(join(tools.folder, 'mine.png')).equals(png)).toBe(true);
    expect(asked().map(({ query }) => query.get('media_id'))).toEqual(['M1', 'M1']);
  });

  test('puts nothing in the place of a file that is there, unless told', async () => {
    writeFileSync(join(tools.folder, 'MEDIA.png'), 'mine');
    tools.answers['/cgi-bin/media/get'] = png;
    expect(await run(['media', 'get', 'M1'])).toMatchObject({ code: 2, output: expect.stringContaining('--out') });
    tools.answers['/cgi-bin/media/get'] = { errcode: 40007, errmsg: 'invalid media_id' };
    expect(await run(['media', 'get', 'M1', '--out', 'MEDIA.png'])).toMatchObject({ code: 1 });
    expect(readFileSync(join(tools.folder, 'MEDIA.png'), 'utf8')).toBe('mine');
  });

  test('prints where a video lies', async () => {
    tools.answers['/cgi-bin/media/get'] = { video_url: 'http://example.com/v' };
    expect((await run(['media', 'get', 'V', '--json'])).stdout).toBe('{"video_url":"http://example.com/v"}\n');
  });
});

describe('wxrelay material', () => {
  test('keeps a picture, and a video with its title', async () => {
    tools.answers['/cgi-bin/material/add_material'] = { media_id: 'KEPT', url: 'http://x' };
    writeFileSync(join(tools.folder, 'cover.png'), png);
    expect(await run(['material', 'add', 'cover.png'])).toMatchObject({ code: 0, stdout: 'KEPT\n' });
    expect(await uploaded()).toMatchObject({ path: '/cgi-bin/material/add_material', type: 'image', bytes: png });
    const mp4 = Buffer.concat([Buffer.from('0000001866747970', 'hex'), randomBytes(1000)]);
    writeFileSync(join(tools.folder, 'film.mp4'), mp4);
    const video = ['material', 'add', 'film.mp4', '--title', '标题'];
    expect(await run(video)).toMatchObject({ code: 2, output: expect.stringContaining('--introduction') });
    expect(JSON.parse((await run([...video, '--introduction', '介绍', '--json'])).stdout)).toMatchObject({
      media_id: 'KEPT',
    });
    const description = '{"title":"标题","introduction":"介绍"}';
    expect(await uploaded()).toMatchObject({ type: 'video', bytes: mp4, fields: { description } });
  });

  test('lists, counts, saves and deletes', async () => {
    const news = { media_id: 'N', content: { news_item: [{ title: '一' }, { title: '二' }] }, update_time: 1767225600 };
    tools.answers['/cgi-bin/material/batchget_material'] = { total_count: 7, item_count: 1, item: [news] };
    expect((await run(['material', 'list', '--type', 'news', '--count', '1'])).stdout).toBe(
      'N  2026-01-01T00:00:00.000Z  一 · 二\n',
    );
    expect(JSON.parse((await run(['material', 'list', '--json'])).stdout)).toEqual(news);
    const counts = { voice_count: 1, video_count: 2, image_count: 3, news_count: 4 };
    tools.answers['/cgi-bin/material/get_materialcount'] = counts;
    expect((await run(['material', 'count'])).stdout).toBe('image  3\nvoice  1\nvideo  2\nnews   4\n');
    expect(JSON.parse((await run(['material', 'count', '--json'])).stdout)).toEqual(counts);
    tools.answers['/cgi-bin/material/get_material'] = png;
    expect((await run(['material', 'get', 'K', '--out', 'kept.png'])).stdout).toBe('Saved: kept.png\n');
    expect(readFileSync(join(tools.folder, 'kept.png')).equals(png)).toBe(true);
    expect((await run(['material', 'delete', 'K'])).stdout).toBe('Deleted.\n');
    expect(bodies()).toEqual([
      ['/cgi-bin/material/batchget_material', { type: 'news', offset: 0, count: 1 }],
      ['/cgi-bin/material/batchget_material', { type: 'image', offset: 0, count: 20 }],
      ['/cgi-bin/material/get_materialcount', undefined],
      ['/cgi-bin/material/get_materialcount', undefined],
      ['/cgi-bin/material/get_material', { media_id: 'K' }],
      ['/cgi-bin/material/del_material', { media_id: 'K' }],
    ]);
  });
});
