import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { handler } from '../../src/handlers/definition.ts';
import { decrypt, sign } from '../../src/simulator/crypto.ts';
import { readTrace } from '../../src/store/trace.ts';
import { image, menu, news } from '../../src/wechat/message.ts';
import { eventually } from '../helpers/eventually.ts';
import { freePort } from '../helpers/ports.ts';
import { createDarkProxy } from './dark-proxy.ts';
import { createHarness } from './harness.ts';
import {
  ACCOUNT,
  field,
  newMsgId,
  newOpenid,
  type PushRequest,
  plain,
  post,
  pushXml,
  sealed,
  seconds,
  textXml,
  WRITTEN,
} from './requests.ts';

const harness = createHarness();
afterAll(() => harness.close());

const never = () => new Promise<never>(() => undefined);
/** As WeChat does it: whoever has not answered within five seconds is hung up on. */
async function push(url: string, request: PushRequest) {
  const within = AbortSignal.timeout(5000);
  const answer = await fetch(`${url}?${new URLSearchParams(request.query)}`, {
    method: 'POST',
    body: request.body,
    signal: within,
  });
  return { status: answer.status, body: await answer.text(), type: answer.headers.get('content-type') };
}
const success = { status: 200, body: 'success', type: 'text/plain; charset=utf-8' };
const notKept = { status: 500, body: '' };

function deferred<T>() {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** Opens once it was passed so many times. */
function gate(times: number) {
  const { promise, resolve } = deferred<void>();
  let passed = 0;
  return {
    opened: promise,
    pass: () => {
      if (++passed === times) resolve();
    },
  };
}

describe('a quick reply', () => {
  test('goes back to its sender: the addresses swapped, the time in seconds, by our clock', async () => {
    const now = 1_767_225_600_999;
    const receiver = await harness.start([{ name: 'fixed', on: 'text', reply: 'Hi ]]> 你好 😀' }], { now: () => now });
    const openid = newOpenid();
    expect(await push(receiver.url, plain(textXml(openid, 'hello'), { timestamp: seconds(now) }))).toEqual({
      status: 200,
      type: 'text/xml; charset=utf-8',
      body: `<xml><ToUserName><![CDATA[${openid}]]></ToUserName><FromUserName><![CDATA[${ACCOUNT.toUser}]]></FromUserName><CreateTime>1767225600</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[Hi ]]]]><![CDATA[> 你好 😀]]></Content></xml>`,
    });
  });

  test('may be a function, which learns of the push all there is to know', async () => {
    const seen: object[] = [];
    const curious = handler({
      name: 'curious',
      on: 'text',
      match: /^count (?<number>\d+)$/,
      reply({ log, ...context }) {
        seen.push(context);
        log.info('asked');
        return `to ${context.match[1]}`;
      },
    });
    const receiver = await harness.start([curious]);
    const [openid, MsgId] = [newOpenid(), newMsgId()];
    expect(field((await push(receiver.url, plain(textXml(openid, 'count 10', MsgId)))).body, 'Content')).toBe('to 10');
    const { key } = await harness.nameOf(openid, MsgId);
    const match = Object.assign(['count 10', '10'], { groups: { number: '10' } });
    expect(seen).toEqual([
      { push: expect.objectContaining({ Content: 'count 10', MsgId }), match, openid, account: ACCOUNT.appId, key },
    ]);
    expect(receiver.events('asked')).toEqual([expect.objectContaining({ key, handler: 'curious' })]);
  });

  test('may be any message that WeChat takes as a passive reply', async () => {
    const receiver = await harness.start([
      { name: 'picture', on: 'image', reply: image({ mediaId: 'MEDIA' }) },
      { name: 'two', on: 'event:CLICK', reply: () => news({ title: 'one' }, { title: 'two' }) },
    ]);
    const picture = await push(
      receiver.url,
      plain(pushXml(newOpenid(), 'image', { PicUrl: 'http://a', MediaId: 'm', MsgId: '1' })),
    );
    expect([field(picture.body, 'MsgType'), field(picture.body, 'MediaId')]).toEqual(['image', 'MEDIA']);
    const two = await push(receiver.url, plain(pushXml(newOpenid(), 'event', { Event: 'CLICK', EventKey: 'k' })));
    expect(field(two.body, 'ArticleCount')).toBe('2');
  });

  test('to an encrypted push is encrypted and signed; success never is', async () => {
    const env = { WECHAT_ENCODING_AES_KEY: ACCOUNT.aesKey, WECHAT_ENCRYPTION: 'safe' };
    const receiver = await harness.start([{ name: 'hi', on: 'text', match: 'hi', reply: 'a secret' }], { env });
    const openid = newOpenid();
    const answer = await push(receiver.url, sealed(textXml(openid, 'hi'), { nonce: '987654' }));
    expect(answer).toMatchObject({ status: 200, type: 'text/xml; charset=utf-8' });
    const [encrypted = '', signature, timestamp = '', nonce] = ['Encrypt', 'MsgSignature', 'TimeStamp', 'Nonce'].map(
      (name) => field(answer.body, name),
    );
    expect([signature, nonce]).toEqual([sign(ACCOUNT.token, timestamp, '987654', encrypted), '987654']);
    expect(timestamp).toMatch(/^\d{10}$/);
    const xml = decrypt(encrypted, { encodingAESKey: ACCOUNT.aesKey, appId: ACCOUNT.appId });
    expect([field(xml, 'ToUserName'), field(xml, 'Content')]).toEqual([openid, 'a secret']);
    expect(await push(receiver.url, sealed(textXml(openid, 'nothing for this')))).toEqual(success);
  });

  test('of undefined, null or nothing at all is success', async () => {
    const receiver = await harness.start([
      { name: 'nothing', on: 'text', match: 'nothing', reply: () => undefined },
      { name: 'null', on: 'text', match: 'null', reply: () => null as never },
      { name: 'later', on: 'text', match: 'later', reply: async () => {} },
    ]);
    for (const content of ['nothing', 'null', 'later']) {
      const [openid, MsgId] = [newOpenid(), newMsgId()];
      expect(await push(receiver.url, plain(textXml(openid, content, MsgId)))).toEqual(success);
      expect(await harness.trace(openid, MsgId)).toEqual([`accepted text for ${content}`, 'replied success']);
    }
    // Of a Redis that is for trying out only a receiver says so.
    expect(receiver.lines.filter(({ level, event }) => level > 30 && event !== 'redis.setup')).toEqual([]);
  });

  test.each<[string, unknown, RegExp]>([
    [
      'throws',
      () => {
        throw new Error('the quick one is broken');
      },
      /the quick one is broken/,
    ],
    [
      'throws what is no error',
      () => {
        throw 'a remark';
      },
      /a remark/,
    ],
    [
      'rejects',
      async () => {
        throw new Error('later broken');
      },
      /later broken/,
    ],
    ['returns a number', () => 42, /not a number/],
    ['returns a list', () => ['a', 'b'], /not a list/],
    ['returns an object that is no message', () => ({ a: 1 }), /not an object/],
    ['returns an empty text', () => '', /empty/],
    ['returns more than WeChat takes', () => '长'.repeat(700), /2100 bytes/],
    ['returns a message that is no passive reply', () => menu({ items: [{ id: '1', content: 'x' }] }), /msgmenu/],
    ['is a message that is no passive reply', menu({ items: [{ id: '1', content: 'x' }] }), /msgmenu/],
  ])(
    'of a handler that %s is success: a mistake shows the user no fault; it is logged and traced',
    async (_, reply, why) => {
      const receiver = await harness.start([{ name: 'wrong', on: 'text', reply: reply as string }]);
      const [openid, MsgId] = [newOpenid(), newMsgId()];
      expect(await push(receiver.url, plain(textXml(openid, 'private words', MsgId)))).toEqual(success);
      const { key } = await harness.nameOf(openid, MsgId);
      expect(receiver.events('reply.failed')).toEqual([
        expect.objectContaining({
          level: 50,
          key,
          handler: 'wrong',
          err: expect.objectContaining({ message: expect.stringMatching(why) }),
        }),
      ]);
      expect((await harness.trace(openid, MsgId)).join('\n')).toContain('reply failed, replied success');
      expect(JSON.stringify(receiver.lines)).not.toContain('private words');
      expect(JSON.stringify(receiver.lines)).not.toContain(openid);
    },
  );

  describe.concurrent('of a handler that takes too long', () => {
    test('and never ends is success before WeChat hangs up, to each of three copies; it is logged and traced', async ({
      expect,
    }) => {
      const receiver = await harness.start([{ name: 'hangs', on: 'text', reply: never }]);
      const [openid, MsgId] = [newOpenid(), newMsgId()];
      const request = plain(textXml(openid, 'hello?', MsgId));
      expect(await Promise.all([1, 2, 3].map(() => push(receiver.url, request)))).toEqual([success, success, success]);
      expect(receiver.events('reply.late')).toEqual([expect.objectContaining({ handler: 'hangs' })]);
      expect(await harness.trace(openid, MsgId)).toEqual(expect.arrayContaining(['reply late, replied success']));
    });

    test('and ends too late is success, also for a later copy: what it said is not said any more', async ({
      expect,
    }) => {
      const late = deferred<string>();
      const receiver = await harness.start([{ name: 'late', on: 'text', reply: () => late.promise }]);
      const request = plain(textXml(newOpenid(), 'hello?'));
      expect(await push(receiver.url, request)).toEqual(success);
      late.resolve('too late');
      expect(await push(receiver.url, request)).toEqual(success);
    });

    test('has the time that the push has left, not more', async ({ expect }) => {
      // The clock stands ten seconds further when the handler starts, as after a long wait for Redis.
      let clock = Date.now();
      const slow = {
        name: 'slow',
        on: 'text' as const,
        match: () => {
          clock += 10_000;
          return true;
        },
        reply: never,
      };
      const receiver = await harness.start([slow], { now: () => clock });
      const within = AbortSignal.timeout(3000);
      const { query, body } = plain(textXml(newOpenid(), 'hello?'));
      const answer = await fetch(`${receiver.url}?${new URLSearchParams(query)}`, {
        method: 'POST',
        body,
        signal: within,
      });
      expect(await answer.text()).toBe('success');
    });
  });
});

describe('copies of a push', () => {
  test('three at once run a quick handler once, and all get the same reply', async () => {
    const { opened, pass } = gate(3);
    let runs = 0;
    const slow = { name: 'slow', on: 'text' as const, reply: () => opened.then(() => `run ${++runs}`) };
    const receiver = await harness.start([slow], { onPush: pass });
    const [openid, MsgId] = [newOpenid(), newMsgId()];
    const request = plain(textXml(openid, 'hi', MsgId));
    const answers = await Promise.all([1, 2, 3].map(() => push(receiver.url, request)));
    expect(answers.map(({ body }) => field(body, 'Content'))).toEqual(['run 1', 'run 1', 'run 1']);
    expect(receiver.events('push.accepted')).toHaveLength(1);
    expect(receiver.events('push.duplicate')).toHaveLength(2);
    expect(await harness.trace(openid, MsgId)).toEqual(['accepted text for slow', 'replied', 'repeated', 'repeated']);
  });

  test('a later one gets the very same answer, to the byte', async () => {
    let clock = Date.now();
    const receiver = await harness.start([{ name: 'now', on: 'text', reply: () => `it is ${clock}` }], {
      now: () => clock,
    });
    const request = plain(textXml(newOpenid(), 'what time is it?'));
    const first = await push(receiver.url, request);
    clock += 20_000;
    expect(await push(receiver.url, request)).toEqual(first);
  });

  test('spread over two receivers run once, and all get the same reply', async () => {
    const { opened, pass } = gate(4);
    let runs = 0;
    const slow = { name: 'slow', on: 'text' as const, reply: () => opened.then(() => `run ${++runs}`) };
    const receivers = await Promise.all([
      harness.start([slow], { onPush: pass }),
      harness.start([slow], { onPush: pass }),
    ]);
    const request = plain(textXml(newOpenid(), 'hi'));
    const answers = await Promise.all([...receivers, ...receivers].map(({ url }) => push(url, request)));
    expect(answers.map(({ body }) => field(body, 'Content'))).toEqual(['run 1', 'run 1', 'run 1', 'run 1']);
  });

  test('the same MsgId from two users is two pushes', async () => {
    const ran: string[] = [];
    const receiver = await harness.start([{ name: 'note', on: 'text', reply: ({ openid }) => void ran.push(openid) }]);
    const MsgId = newMsgId();
    const users = [newOpenid(), newOpenid()];
    for (const openid of users) await push(receiver.url, plain(textXml(openid, 'hi', MsgId)));
    expect(ran).toEqual(users);
  });

  test('the same MsgId with another CreateTime is another push, with the same one it is a repeat', async () => {
    const ran: string[] = [];
    const receiver = await harness.start([
      { name: 'note', on: 'text', reply: ({ push }) => void ran.push(push.CreateTime) },
    ]);
    const [openid, MsgId] = [newOpenid(), newMsgId()];
    const times = ['1767225600', '1767225601'];
    for (const at of [...times, ...times])
      await push(receiver.url, plain(pushXml(openid, 'text', { Content: 'hi', MsgId }, at)));
    expect(ran).toEqual(times);
  });

  test('one that an earlier release let time out goes on under the name that it had there', async () => {
    const receiver = await harness.start([{ name: 'slow', on: 'text', wait: 300, run: () => 'done' }]);
    const [openid, MsgId] = [newOpenid(), newMsgId()];
    const { names, user } = await harness.nameOf(openid, MsgId);
    const [tag, earlier] = [names.tagOf(user), `${user}-${MsgId}`];
    await harness.redis.set(`${tag}:alive`, '1');
    await harness.redis.set(`${tag}:claim:${earlier}`, `h${Date.now()}:${Date.now()}:1:another receiver`);
    expect(await push(receiver.url, plain(textXml(openid, 'render it', MsgId)))).toEqual(success);
    const steps = await readTrace(harness.redis, names, { user });
    expect(steps[0]).toMatchObject({ key: earlier, what: 'attempt 2' });
    expect(new Set(steps.map(({ key }) => key))).toEqual(new Set([earlier]));
    expect(await harness.redis.exists(`${tag}:lane:handle:${user}`)).toBe(0);
    await harness.redis.del(`${tag}:alive`);
  });

  test('two events of one user in one second are two pushes, and the repeat of each is none', async () => {
    const ran: string[] = [];
    const receiver = await harness.start([
      { name: 'note', on: 'event', reply: ({ push }) => void ran.push(push.Event) },
    ]);
    const [openid, at] = [newOpenid(), seconds()];
    const events = [
      pushXml(openid, 'event', { Event: 'CLICK', EventKey: 'k' }, at),
      pushXml(openid, 'event', { Event: 'LOCATION', Latitude: '1', Longitude: '2', Precision: '3' }, at),
    ];
    for (const xml of [...events, ...events]) await push(receiver.url, plain(xml));
    expect(ran).toEqual(['CLICK', 'LOCATION']);
  });

  test('one that was claimed by a receiver which died is handled after all, once five seconds are over', async () => {
    // With work: without it a receiver does not wait for a Redis that is slow.
    const hi = { name: 'hi', on: 'text' as const, reply: () => 'here I am', run: () => 'done' };
    const receiver = await harness.start([hi]);
    const [openid, MsgId] = [newOpenid(), newMsgId()];
    const { names, key } = await harness.nameOf(openid, MsgId);
    await harness.redis.set(`${names.tagOf(key)}:claim:${key}`, `c${Date.now() - 3000}:another receiver`);
    const { body } = await push(receiver.url, plain(textXml(openid, 'hi', MsgId)));
    expect(field(body, 'Content')).toBe('here I am');
    expect(await harness.trace(openid, MsgId)).toEqual(['claimed again', 'replied']);
  });
});

describe('a push with work', () => {
  const work = { name: 'work', on: 'text' as const, run: () => 'done' };
  const lane = async (openid: string) => {
    const { names, user } = await harness.nameOf(openid, '1');
    return harness.redis.lrange(`${names.tagOf(user)}:lane:handle:${user}`, 0, -1);
  };

  test('is in its user’s lane by the time it is answered, and once, however many copies come', async () => {
    const receiver = await harness.start([work]);
    const [openid, MsgId] = [newOpenid(), newMsgId()];
    const request = plain(textXml(openid, 'render it', MsgId));
    expect(await push(receiver.url, request)).toEqual(success);
    expect(await lane(openid)).toEqual([expect.stringContaining('render it')]);
    await Promise.all([1, 2, 3].map(async () => expect(await push(receiver.url, request)).toEqual(success)));
    expect(await lane(openid)).toHaveLength(1);
  });

  test('that also has a quick reply gets both, and notes when the reply has left', async () => {
    const receiver = await harness.start([{ ...work, name: 'both', reply: async () => 'one moment' }]);
    const [openid, MsgId] = [newOpenid(), newMsgId()];
    expect(field((await push(receiver.url, plain(textXml(openid, 'render it', MsgId)))).body, 'Content')).toBe(
      'one moment',
    );
    expect(await lane(openid)).toHaveLength(1);
    const { names, key } = await harness.nameOf(openid, MsgId);
    await eventually(async () =>
      expect(await harness.redis.get(`${names.tagOf(key)}:claim:${key}`)).toMatch(/^f<xml>/),
    );
  });

  test('is kept although its quick reply fails', async () => {
    const fails = () => {
      throw new Error('no words');
    };
    const receiver = await harness.start([{ ...work, name: 'speechless', reply: fails }]);
    const openid = newOpenid();
    expect(await push(receiver.url, plain(textXml(openid, 'render it')))).toEqual(success);
    expect(await lane(openid)).toHaveLength(1);
  });

  test('carries neither the openid nor the user’s words in the name of any key', async () => {
    const receiver = await harness.start([work]);
    const openid = newOpenid();
    await push(receiver.url, plain(textXml(openid, 'render it')));
    expect((await harness.userKeys()).join('\n')).not.toContain(openid);
    expect(JSON.stringify(receiver.lines)).not.toContain(openid);
    expect(JSON.stringify(receiver.lines)).not.toContain('render it');
  });
});

test('a push that no handler takes is answered success and leaves nothing in Redis but the window it opens', async () => {
  const receiver = await harness.start([{ name: 'hi', on: 'text', match: 'hi', reply: 'Hi', run: () => 'done' }]);
  const before = (await harness.userKeys()).length;
  const openid = newOpenid();
  expect(await push(receiver.url, plain(textXml(openid, 'something else')))).toEqual(success);
  expect(
    await push(
      receiver.url,
      plain(pushXml(openid, 'event', { Event: 'TEMPLATESENDJOBFINISH', MsgID: '1', Status: 'success' })),
    ),
  ).toEqual(success);
  expect(await push(receiver.url, plain(pushXml(openid, 'never_heard_of', { A: 'b' })))).toEqual(success);
  const { user } = await harness.nameOf(openid, '1');
  expect((await harness.userKeys()).filter((key) => key.includes(user))).toEqual([
    expect.stringContaining(`:window:${user}`),
  ]);
  expect(await harness.userKeys()).toHaveLength(before + 1);
});

describe.concurrent('with Redis away', () => {
  const handlers = (ran: string[]) => [
    { name: 'quick', on: 'text' as const, match: /^quick/, reply: () => `quick ${ran.push('quick')}` },
    { name: 'fixed', on: 'text' as const, match: /^fixed/, reply: 'fixed' },
    { name: 'work', on: 'text' as const, match: /^work/, reply: 'one moment', run: () => 'done' },
  ];

  test('since the start: quick replies go on, their copies told apart; what has work gets 500 and is never acked', async ({
    expect,
  }) => {
    const ran: string[] = [];
    const env = { REDIS_URL: `redis://127.0.0.1:${await freePort()}` };
    const receiver = await harness.start(handlers(ran), { env, ready: false });
    const say = async (content: string, times: number) => {
      const request = plain(textXml(newOpenid(), content));
      return Promise.all(Array.from({ length: times }, () => push(receiver.url, request)));
    };
    expect((await say('quick', 3)).map(({ body }) => field(body, 'Content'))).toEqual([
      'quick 1',
      'quick 1',
      'quick 1',
    ]);
    expect((await say('fixed', 1)).map(({ body }) => field(body, 'Content'))).toEqual(['fixed']);
    expect(await say('nobody takes this', 1)).toEqual([success]);
    expect(await say('work', 3)).toMatchObject([notKept, notKept, notKept]);
    expect(receiver.events('push.not_kept').map(({ why }) => why)).toEqual(
      Array(3).fill('Redis did not answer in time'),
    );
    expect(ran).toEqual(['quick']);
    await receiver.stop();
  });

  test('the same MsgId from two users is two pushes there too', async ({ expect }) => {
    const ran: string[] = [];
    const env = { REDIS_URL: `redis://127.0.0.1:${await freePort()}` };
    const receiver = await harness.start(handlers(ran), { env, ready: false });
    const MsgId = newMsgId();
    for (const openid of [newOpenid(), newOpenid()]) await push(receiver.url, plain(textXml(openid, 'quick', MsgId)));
    expect(ran).toHaveLength(2);
  });

  test('and silent: quick replies go on, work gets 500; once it is back, WeChat’s repeat is kept exactly once', async ({
    expect,
  }) => {
    const ran: string[] = [];
    const proxy = await createDarkProxy(inject('redisUrl'));
    const receiver = await harness.start(handlers(ran), { env: { REDIS_URL: proxy.url } });
    proxy.dark();
    const openid = newOpenid();
    const request = plain(textXml(openid, 'work'));
    const [first, quick] = await Promise.all([
      push(receiver.url, request),
      push(receiver.url, plain(textXml(newOpenid(), 'quick'))),
    ]);
    expect(first).toMatchObject(notKept);
    expect(field(quick.body, 'Content')).toBe('quick 1');
    proxy.light();
    await eventually(async () => expect((await fetch(`${receiver.origin}/readyz`)).status).toBe(200));
    const again = await push(receiver.url, request);
    expect(field(again.body, 'Content')).toBe('one moment');
    const { names, user } = await harness.nameOf(openid, '1');
    expect(await harness.redis.llen(`${names.tagOf(user)}:lane:handle:${user}`)).toBe(1);
    await receiver.stop();
    proxy.close();
  });
});

test('a push that Redis has kept although its answer was lost does not wait for itself', async () => {
  const proxy = await createDarkProxy(inject('redisUrl'));
  const both = handler({ name: 'both', on: 'text', reply: () => 'one moment', run: () => 'done' });
  const receiver = await harness.start([both], { env: { REDIS_URL: proxy.url } });
  const openid = newOpenid();
  proxy.deaf();
  const answered = push(receiver.url, plain(textXml(openid, 'work')));
  const { names, user } = await harness.nameOf(openid, '1');
  const lane = `${names.tagOf(user)}:lane:handle:${user}`;
  await eventually(async () => expect(await harness.redis.llen(lane)).toBe(1));
  // Longer than the receiver waits for Redis.
  await sleep(500);
  proxy.light();
  expect(field((await answered).body, 'Content')).toBe('one moment');
  expect(await harness.redis.llen(lane)).toBe(1);
  await receiver.stop();
  proxy.close();
});

test('a push that its limit rejects while Redis answers too late is acked from disk, and its work is done', async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'wxrelay-data-'));
  t.onTestFinished(() => rmSync(data, { recursive: true, force: true }));
  const proxy = await createDarkProxy(inject('redisUrl'));
  const limited = handler({ name: 'limited', on: 'text', limit: '1/min', run: () => 'done' });
  const env = { REDIS_URL: proxy.url, WXRELAY_SPOOL: 'fallback', WXRELAY_DATA_DIR: data };
  const receiver = await harness.start([limited], { env });
  const openid = newOpenid();
  const second = textXml(openid, 'two', '2');
  expect(await push(receiver.url, plain(textXml(openid, 'one', '1')))).toEqual(success);
  proxy.deaf();
  expect(await push(receiver.url, plain(second))).toEqual(success);
  expect(await harness.trace(openid, '2')).toContain('rejected: more than 1 in 60 s');
  proxy.light();
  const { names, user } = await harness.nameOf(openid, '2');
  await eventually(async () => {
    const entries = await harness.redis.lrange(`${names.tagOf(user)}:lane:handle:${user}`, 0, -1);
    expect(entries.map((entry) => entry.split('|')[1])).toEqual(['1', '2'].map((id) => `${user}-${id}.${WRITTEN}`));
  });
  await eventually(() => expect(receiver.events('spool.replayed')).toHaveLength(1));
  expect(await push(receiver.url, plain(second))).toEqual(success);
  // One that is told so stays rejected.
  const third = textXml(openid, 'three', '3');
  const told = await push(receiver.url, plain(third));
  expect(field(told.body, 'Content')).toContain('请稍后再试');
  expect((await push(receiver.url, plain(third))).body).toBe(told.body);
  await receiver.stop();
  proxy.close();
});

test('a receiver that stops answers the requests that are there, and takes no more', async () => {
  const release = deferred<string>();
  const started = deferred<void>();
  const slow = {
    name: 'slow',
    on: 'text' as const,
    reply: () => {
      started.resolve();
      return release.promise;
    },
  };
  const receiver = await harness.start([slow]);
  const answer = push(receiver.url, plain(textXml(newOpenid(), 'hi')));
  await started.promise;
  const stopped = [receiver.stop(), receiver.stop()];
  await expect(post(receiver.url, plain(textXml(newOpenid(), 'too late')))).rejects.toThrow();
  release.resolve('just in time');
  expect(field((await answer).body, 'Content')).toBe('just in time');
  await Promise.all(stopped);
  expect(receiver.events('receiver.stopped')).toHaveLength(1);
});
