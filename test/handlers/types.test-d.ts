// What the types of handler() promise to whoever writes one. Compiled by `npm run types`; nothing here runs.
import { expectTypeOf } from 'vitest';
import type { WeChat } from '../../src/api/client.ts';
import { paragraphs } from '../../src/delivery/stream.ts';
import { conversation } from '../../src/handlers/conversation.ts';
import { type AnyHandler, type Found, handler } from '../../src/handlers/definition.ts';
import { text } from '../../src/wechat/message.ts';
import type { ClickEvent, SubscribeEvent, TextMessage, UnknownMessage, VoiceMessage } from '../../src/wechat/push.ts';

// A type narrows the push: its fields are there, and no others.
handler({
  name: 'text',
  on: 'text',
  reply({ push }) {
    expectTypeOf(push).toEqualTypeOf<TextMessage>();
    expectTypeOf(push.Content).toEqualTypeOf<string>();
    // @ts-expect-error a text has no EventKey
    push.EventKey;
    // @ts-expect-error a text has no Event
    push.Event;
  },
  run({ push }) {
    expectTypeOf(push).toEqualTypeOf<TextMessage>();
  },
});

handler({
  name: 'click',
  on: 'event:CLICK',
  run({ push }) {
    expectTypeOf(push).toEqualTypeOf<ClickEvent>();
    expectTypeOf(push.EventKey).toEqualTypeOf<string>();
    // @ts-expect-error an event has no Content
    push.Content;
  },
});

// A list brings any of its types.
handler({
  name: 'list',
  on: ['text', 'voice', 'event:subscribe'],
  reply({ push }) {
    expectTypeOf(push).toEqualTypeOf<TextMessage | VoiceMessage | SubscribeEvent>();
    if (push.MsgType === 'voice') expectTypeOf(push.Recognition).toEqualTypeOf<string | undefined>();
    if (push.MsgType === 'event') expectTypeOf(push.EventKey).toEqualTypeOf<string | undefined>();
    // @ts-expect-error only the text among them has a Content
    push.Content;
  },
});

// A group brings all of its kind, to be narrowed by MsgType and Event.
handler({
  name: 'messages',
  on: 'message',
  reply({ push }) {
    expectTypeOf(push.MsgType).not.toEqualTypeOf<'event'>();
    // @ts-expect-error no message is an event
    push.MsgType === 'event';
    if (push.MsgType === 'text') expectTypeOf(push).toEqualTypeOf<TextMessage>();
  },
});
handler({
  name: 'events',
  on: 'event',
  reply({ push }) {
    expectTypeOf(push.MsgType).toEqualTypeOf<'event'>();
    if (push.Event === 'CLICK') expectTypeOf(push).toEqualTypeOf<ClickEvent>();
  },
});
handler({
  name: 'everything',
  on: 'any',
  reply({ push }) {
    expectTypeOf(push.FromUserName).toEqualTypeOf<string>();
    if (push.MsgType === 'text') expectTypeOf(push.Content).toEqualTypeOf<string>();
  },
});
handler({
  name: 'new-event',
  on: 'event:brand_new',
  reply({ push }) {
    expectTypeOf(push.MsgType).toEqualTypeOf<'event'>();
  },
});

handler({
  name: 'sticker',
  on: 'unsupported',
  reply({ push }) {
    expectTypeOf(push).toEqualTypeOf<TextMessage>();
  },
});
handler({
  name: 'new-message',
  on: 'message:device_text',
  reply({ push }) {
    expectTypeOf(push).toEqualTypeOf<UnknownMessage>();
    expectTypeOf(push.MsgType).not.toEqualTypeOf<'event'>();
    expectTypeOf(push['DeviceID']).toBeAny();
  },
});

// What `match` is follows from how it was given, in reply and in run.
handler({
  name: 'no-match',
  on: 'text',
  reply({ match }) {
    expectTypeOf(match).toEqualTypeOf<undefined>();
  },
});
handler({
  name: 'string',
  on: 'text',
  match: 'hi',
  run({ match }) {
    expectTypeOf(match).toEqualTypeOf<string>();
  },
});
handler({
  name: 'regexp',
  on: 'text',
  match: /^weather (?<city>.+)$/,
  reply({ match }) {
    expectTypeOf(match).toEqualTypeOf<Found>();
    expectTypeOf(match.groups).toEqualTypeOf<Readonly<Record<string, string>> | undefined>();
  },
});
handler({
  name: 'function',
  on: 'text',
  match: (push: TextMessage) => (push.Content.length > 3 ? { words: push.Content.split(' ') } : undefined),
  run({ match }) {
    expectTypeOf(match).toEqualTypeOf<{ words: string[] }>();
  },
});
handler({
  name: 'yes-or-no',
  on: 'text',
  match: (push: TextMessage) => push.Content.endsWith('?'),
  run({ match }) {
    expectTypeOf(match).toEqualTypeOf<true>();
  },
});
handler({
  name: 'function-of-its-push',
  on: 'text',
  match: (push) => {
    expectTypeOf(push).toEqualTypeOf<TextMessage>();
    return push.Content.length;
  },
  run({ match }) {
    expectTypeOf(match).toEqualTypeOf<number>();
  },
});

// What else they get.
handler({
  name: 'context',
  on: 'text',
  reply(context) {
    expectTypeOf(context.openid).toEqualTypeOf<string>();
    expectTypeOf(context.account).toEqualTypeOf<string>();
    expectTypeOf(context.key).toEqualTypeOf<string>();
    // @ts-expect-error a reply has no time to be aborted
    context.signal;
    // @ts-expect-error nor to call the API
    context.wechat;
  },
  run(context) {
    expectTypeOf(context.signal).toEqualTypeOf<AbortSignal>();
    expectTypeOf(context.quota?.left).toEqualTypeOf<number | undefined>();
    expectTypeOf(context.attempt).toEqualTypeOf<number>();
    expectTypeOf(context.wechat).toEqualTypeOf<WeChat>();
  },
});

// A session's fields are those that a module declares; others have to be looked at first.
declare module '../../src/index.ts' {
  interface Session {
    visits?: number;
  }
}
handler({
  name: 'session',
  on: 'text',
  run({ session }) {
    expectTypeOf(session.visits).toEqualTypeOf<number | undefined>();
    expectTypeOf(session['other']).toEqualTypeOf<unknown>();
    session.visits = 1 + (session.visits ?? 0);
    // @ts-expect-error its type was declared
    session.visits = 'once';
  },
  reply(context) {
    // @ts-expect-error the receiver does not know it
    context.session;
  },
});

// What may be returned.
handler({ name: 'value', on: 'text', reply: 'Hi' });
handler({ name: 'message', on: 'text', reply: text('Hi') });
handler({ name: 'later', on: 'text', reply: async () => 'Hi' });
handler({ name: 'nothing', on: 'text', run: () => undefined });
handler({ name: 'several', on: 'text', run: async () => ['one', text('two')] });
handler({
  name: 'in-parts',
  on: 'text',
  async *run({ push }) {
    expectTypeOf(push).toEqualTypeOf<TextMessage>();
    yield 'one';
    yield text('two');
  },
});
handler({
  name: 'in-paragraphs',
  on: 'text',
  async *run() {
    yield* paragraphs(['delta']);
  },
});
handler({ name: 'paragraphs', on: 'text', run: () => paragraphs(['delta']) });
handler({
  name: 'odd-parts',
  on: 'text',
  // @ts-expect-error a number is no part
  async *run() {
    yield 42;
  },
});
// @ts-expect-error a passive reply does not come in parts
handler({ name: 'reply-in-parts', on: 'text', reply: () => paragraphs(['delta']) });
// @ts-expect-error a passive reply is one message
handler({ name: 'several-replies', on: 'text', reply: () => ['one', 'two'] });
// @ts-expect-error a number is no answer
handler({ name: 'number', on: 'text', run: () => 42 });
// @ts-expect-error a number is no reply
handler({ name: 'number-reply', on: 'text', reply: 42 });

// What cannot be written.
// @ts-expect-error there is no such type
handler({ name: 'wrong-on', on: 'txt', reply: 'Hi' });
// @ts-expect-error an event is written with its prefix
handler({ name: 'no-prefix', on: 'subscribe', reply: 'Hi' });
// @ts-expect-error one of the list does not exist
handler({ name: 'wrong-list', on: ['text', 'txt'], reply: 'Hi' });
// @ts-expect-error every handler has a name
handler({ on: 'text', reply: 'Hi' });
// @ts-expect-error every handler listens to something
handler({ name: 'deaf', reply: 'Hi' });
// @ts-expect-error an option that is not there
handler({ name: 'unknown', on: 'text', reply: 'Hi', retries: 3 });
// @ts-expect-error a match of another kind
handler({ name: 'wrong-match', on: 'text', match: 42, reply: 'Hi' });

// Handlers of any kind make one list, and so do plain objects.
const list: AnyHandler[] = [
  handler({ name: 'a', on: 'text', match: /a/, reply: ({ match }) => match[0] }),
  handler({ name: 'b', on: ['image', 'event:CLICK'], run: ({ push }) => push.FromUserName }),
  { name: 'c', on: 'any', reply: 'plain' },
];
expectTypeOf(list).toExtend<readonly AnyHandler[]>();

// A conversation knows what its questions were answered with.
const booking = conversation({
  name: 'booking',
  on: ['text', 'event:CLICK'],
  match: 'book',
  steps: [
    { name: 'day', ask: 'Which day?' },
    { name: 'people', ask: ({ day }) => `How many on ${day}?`, read: (push) => Number(push.CreateTime) || undefined },
  ],
  done(answers, { session, openid }) {
    expectTypeOf(answers).toEqualTypeOf<{ readonly day: string; readonly people: number }>();
    expectTypeOf(session.visits).toEqualTypeOf<number | undefined>();
    return openid;
  },
});
const rest = handler({ name: 'rest', on: 'message', run: ({ push }) => push.MsgType });
conversation({
  name: 'a',
  on: 'text',
  match: /a/,
  steps: [{ name: 'b', ask: 'b' }],
  done: () => 'c',
  otherwise: rest.run,
});
conversation({ name: 'd', on: 'text', steps: [{ name: 'b', ask: 'b' }], done: () => 'c', otherwise: booking.run });
// @ts-expect-error a conversation has questions
conversation({ name: 'empty', on: 'text', steps: [], done: () => 'c' });
expectTypeOf([booking, rest]).toExtend<readonly AnyHandler[]>();
