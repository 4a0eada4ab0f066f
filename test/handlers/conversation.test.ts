import { describe, expect, test } from 'vitest';
import { checkHandlers } from '../../src/handlers/check.ts';
import { conversation } from '../../src/handlers/conversation.ts';
import type { RunContext } from '../../src/handlers/definition.ts';
import { createRouter } from '../../src/handlers/route.ts';
import type { Session } from '../../src/handlers/session.ts';
import type { Push } from '../../src/wechat/push.ts';

const text = (Content: string) => ({ MsgType: 'text', FromUserName: 'o', Content }) as unknown as Push;
const image = { MsgType: 'image', FromUserName: 'o' } as unknown as Push;
const click = (EventKey: string) =>
  ({ MsgType: 'event', Event: 'CLICK', FromUserName: 'o', EventKey }) as unknown as Push;

const booking = conversation({
  name: 'booking',
  on: ['text', 'event:CLICK'],
  match: '订座',
  steps: [
    { name: 'day', ask: '哪一天？' },
    {
      name: 'people',
      ask: ({ day }) => `${day}，几位？`,
      read: (push) => (push.MsgType === 'text' && Number(push.Content)) || undefined,
      again: '请输入一个数字。',
    },
  ],
  done: ({ day, people }) => `订好了：${day}，${people + 0} 位。`,
  otherwise: ({ push }) => `别的：${push.MsgType}`,
});

/** A user who talks to a handler, and what its session holds. */
function user(of: { run(context: RunContext<Push, unknown>): unknown } = booking) {
  const session: Session = {};
  const say = async (push: Push | string) => {
    const said = typeof push === 'string' ? text(push) : push;
    const answer = await of.run({ push: said, pushes: [said], session } as unknown as RunContext<Push, unknown>);
    // It is kept as JSON.
    Object.assign(session, JSON.parse(JSON.stringify(session)));
    return answer;
  };
  return { session, say };
}

const talk = async ({ say }: ReturnType<typeof user>, ...texts: (string | Push)[]) => {
  const answers = [];
  for (const one of texts) answers.push(await say(one));
  return answers;
};

describe('a conversation', () => {
  test('asks one question after the other, and ends with all answers', async () => {
    const one = user();
    expect(await talk(one, '订座', '明天', '4')).toEqual(['哪一天？', '明天，几位？', '订好了：明天，4 位。']);
    expect(one.session).toEqual({});
    expect(await talk(one, '4')).toEqual(['别的：text']);
  });

  const voice = (Recognition: string) => ({ MsgType: 'voice', FromUserName: 'o', Recognition }) as unknown as Push;

  test('is begun, answered and cancelled in a voice too, whose last punctuation was not said', async () => {
    const spoken = conversation({
      name: 'spoken',
      on: 'message',
      match: '订座',
      steps: [{ name: 'day', ask: '哪一天？' }],
      done: ({ day }) => `订好了：${day}。`,
    });
    expect(await talk(user(spoken), voice('订座。'), voice('明天！'))).toEqual(['哪一天？', '订好了：明天。']);
    expect(await talk(user(spoken), voice('订座？'), ' 下午３点，两位。 ')).toEqual([
      '哪一天？',
      '订好了：下午３点，两位。。',
    ]);
  });

  test.each([voice('取消。'), voice('Cancel!'), text(' 取消 '), text('ｃａｎｃｅｌ')])(
    'is cancelled by %j',
    async (push) => {
      expect(await talk(user(), '订座', push)).toEqual(['哪一天？', '已取消。']);
    },
  );

  test('takes no sticker for an answer', async () => {
    expect(await talk(user(), '订座', '[Unsupported Message]', '明天')).toEqual([
      '哪一天？',
      '哪一天？',
      '明天，几位？',
    ]);
  });

  test('is cancelled by a RegExp of its own only where that finds something, to the letter', async () => {
    const own = conversation({
      name: 'own',
      on: 'text',
      match: 'go',
      steps: [{ name: 'day', ask: '?' }],
      done: ({ day }) => day,
      cancel: /^算了$/,
    });
    expect(await talk(user(own), 'go', voice('算了。'))).toEqual(['?', '算了']);
    expect(await talk(user(own), 'go', '算了')).toEqual(['?', '已取消。']);
  });

  test('asks again what was no answer', async () => {
    expect(await talk(user(), '订座', image, '明天', '很多', '3')).toEqual([
      '哪一天？',
      '哪一天？',
      '明天，几位？',
      '请输入一个数字。',
      '订好了：明天，3 位。',
    ]);
  });

  test.each(['取消', ' cancel '])('ends with %o', async (word) => {
    const one = user();
    expect(await talk(one, '订座', word, '明天')).toEqual(['哪一天？', '已取消。', '别的：text']);
    expect(one.session).toEqual({});
  });

  test('is begun again by what begins it, also by an event', async () => {
    expect(await talk(user(), '订座', '明天', '订座', '后天', click('订座'))).toEqual([
      '哪一天？',
      '明天，几位？',
      '哪一天？',
      '后天，几位？',
      '哪一天？',
    ]);
  });

  test('leaves to others what does not belong to it, and keeps what else the session holds', async () => {
    const one = user();
    one.session['city'] = '上海';
    expect(await talk(one, '你好', image, '订座', '取消')).toEqual([
      '别的：text',
      '别的：image',
      '哪一天？',
      '已取消。',
    ]);
    expect(one.session).toEqual({ city: '上海' });
  });

  test('may stand behind another: a user is in one at a time', async () => {
    const survey = conversation({
      name: 'survey',
      on: 'text',
      match: '调查',
      steps: [{ name: 'mood', ask: '心情如何？' }],
      done: ({ mood }) => `谢谢：${mood}`,
      otherwise: booking.run,
    });
    const one = user(survey);
    expect(await talk(one, '订座', '调查', '2', '调查', '好', '你好')).toEqual([
      '哪一天？',
      '调查，几位？',
      '订好了：调查，2 位。',
      '心情如何？',
      '谢谢：好',
      '别的：text',
    ]);
  });

  test('whose step a deploy has taken away is over', async () => {
    const one = user();
    await one.say('订座');
    one.session['conversation'] = { name: 'booking', step: 'gone', answers: {} };
    expect(await one.say('明天')).toBe('别的：text');
  });

  test('is routed every message, and of events those that begin it', () => {
    const { handlers } = checkHandlers([booking], 'test');
    const route = createRouter(handlers, () => undefined);
    for (const push of [text('x'), image, click('订座')]) expect(route(push)?.handler.name).toBe('booking');
    expect(route(click('other'))).toBeUndefined();
    expect(checkHandlers([booking], 'test').warnings).toEqual([]);
  });

  test('needs steps of different names, and answers at once', async () => {
    const step = { name: 'a', ask: 'a?' };
    expect(() => conversation({ name: 'twice', on: 'text', steps: [step, step], done: () => '' })).toThrow(
      'each with a name of its own',
    );
    const slow = conversation({
      name: 'slow',
      on: 'text',
      match: 'go',
      steps: [{ ...step, read: async () => 1 }],
      done: () => '',
    });
    await expect(talk(user(slow), 'go', 'x')).rejects.toThrow('must not be async');
  });
});
