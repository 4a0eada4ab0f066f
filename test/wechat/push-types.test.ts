import { expectTypeOf, test } from 'vitest';
import type { Message } from '../../src/wechat/message.ts';
import { image, miniprogram, music } from '../../src/wechat/message.ts';
import type { ClickEvent, Push, PushByKey, SubscribeEvent, TextMessage, UnknownEvent } from '../../src/wechat/push.ts';

// Checked by the compiler (npm run types); the run has nothing to do.

test('a key brings the fields of its push, and no others', () => {
  expectTypeOf<PushByKey['text']>().toHaveProperty('Content').toEqualTypeOf<string>();
  expectTypeOf<PushByKey['text']>().not.toHaveProperty('EventKey');
  expectTypeOf<PushByKey['event:CLICK']>().toHaveProperty('EventKey').toEqualTypeOf<string>();
  expectTypeOf<PushByKey['event:CLICK']>().not.toHaveProperty('Content');
  expectTypeOf<PushByKey['event:subscribe']>().toEqualTypeOf<SubscribeEvent>();
  expectTypeOf<PushByKey['event:WifiConnected']['DeviceNo']>().toEqualTypeOf<string>();
  expectTypeOf<PushByKey['event:pic_weixin']['SendPicsInfo']['PicList']['item']>().toBeArray();
});

test('a key that does not exist is a type error', () => {
  // @ts-expect-error: the guide spells it CLICK
  expectTypeOf<PushByKey['event:Click']>();
});

test('comparing MsgType and Event narrows a push', () => {
  const read = (push: Push) => {
    if (push.MsgType === 'text') expectTypeOf(push).toEqualTypeOf<TextMessage>();
    if (push.MsgType !== 'event') expectTypeOf(push.MsgId).toEqualTypeOf<string | undefined>();
    else if (push.Event === 'CLICK') expectTypeOf(push).toEqualTypeOf<ClickEvent>();
    // @ts-expect-error: not every push has it
    push.Content;
  };
  expectTypeOf(read).toBeFunction();
});

test('every push has the envelope', () => {
  expectTypeOf<Push['FromUserName']>().toEqualTypeOf<string>();
  expectTypeOf<Push['CreateTime']>().toEqualTypeOf<string>();
});

test('an unknown event can be read without a cast', () => {
  expectTypeOf<UnknownEvent['Whatever']>().toBeAny();
  expectTypeOf<UnknownEvent['FromUserName']>().toEqualTypeOf<string>();
});

test('builders ask for what WeChat asks for', () => {
  // @ts-expect-error: an image needs a source
  expectTypeOf(image).toBeCallableWith({});
  expectTypeOf(image({ file: 'a.png' })).toExtend<Message>();
  expectTypeOf(image({ mediaId: 'm' })).toExtend<Message>();
  // @ts-expect-error: a mini-program needs a thumbnail
  expectTypeOf(miniprogram).toBeCallableWith({ title: 't', appId: 'wx', pagePath: 'p' });
  expectTypeOf(music).toBeCallableWith({ musicUrl: 'https://a.example/m.mp3' });
  expectTypeOf<Message['type']>().toExtend<string>();
});
