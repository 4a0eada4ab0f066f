import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createWeChat, type StandaloneWeChat } from '../../../src/index.ts';
import { text, transfer } from '../../../src/wechat/message.ts';
import { type Server, startServer } from '../server.ts';
import { APP_ID, SECRET } from './table.ts';

let server: Server;
let wechat: StandaloneWeChat;
beforeAll(async () => {
  server = await startServer(() => ({ errcode: 0, errmsg: 'ok', access_token: 'T', expires_in: 7200 }));
  wechat = createWeChat({ appId: APP_ID, appSecret: SECRET, baseUrl: server.url });
  await wechat.warm();
});
afterAll(async () => {
  await wechat.close();
  await server.close();
});
beforeEach(() => {
  server.calls.length = 0;
});

const view = { name: '搜索', type: 'view', url: 'https://example.com/' } as const;
const below = (count: number) => ({ name: '菜单', sub_button: Array(count).fill(view) });
const people = (count: number) => Array.from({ length: count }, (_, i) => `o${i}`);
const hello = text('你好');
const account = (kf_account: string, nickname = '客服') => ({ kf_account, nickname });
const day = { starttime: 1464710400, endtime: 1464796800 };
const article = { title: '题', content: '文' };

/** What WeChat would refuse, and what the message must say is allowed. */
const refused: [string, (w: StandaloneWeChat) => Promise<unknown>, RegExp][] = [
  ['a menu of no button', (w) => w.menu.create({ button: [] }), /Buttons of a menu.* 1 to 3 .*not 0/],
  ['a menu of four buttons', (w) => w.menu.create({ button: Array(4).fill(view) }), /1 to 3 .*not 4/],
  ['six buttons below one', (w) => w.menu.create({ button: [below(6)] }), /below 菜单.* 1 to 5 .*not 6/],
  ['a menu that is a list', (w) => w.menu.create([view] as never), /\{ button: \[…\] \}/],
  [
    'a conditional menu of four buttons',
    (w) => w.menu.addConditional({ button: Array(4).fill(view), matchrule: { tag_id: '2' } }),
    /1 to 3/,
  ],
  ['a kf_account without @', (w) => w.customerService.addAccount(account('test1')), /prefix@id.*not "test1"/],
  ['a kf_account with a long prefix', (w) => w.customerService.addAccount(account('12345678901@gh')), /at most 10/],
  ['a long kf_account', (w) => w.customerService.updateAccount(account(`a@${'g'.repeat(29)}`)), /30 in all/],
  ['a long nickname', (w) => w.customerService.addAccount(account('a@gh', '客'.repeat(17))), /1 to 16 .*not 17/],
  ['records of two days', (w) => w.customerService.messageRecords({ ...day, endtime: 1464796801 }), /0 to 86400/],
  ['too many records', (w) => w.customerService.messageRecords({ ...day, number: 10001 }), /1 to 10000, not 10001/],
  ['one receiver of many', (w) => w.mass.send(people(1), hello), /Receivers.* 2 to 10000 .*not 1/],
  ['too many receivers', (w) => w.mass.send(people(10001), hello), /2 to 10000/],
  ['a speed of 5', (w) => w.mass.setSpeed(5), /speed is a whole number from 0 to 4, not 5/],
  [
    'a long clientmsgid',
    (w) => w.mass.sendAll({ is_to_all: true }, hello, { clientmsgid: '一'.repeat(22) }),
    /64 bytes of UTF-8, not 66/,
  ],
  ['no number of an article to delete', (w) => w.mass.delete('1', Number.NaN), /0 to 8, not NaN/],
  ['half an article to delete', (w) => w.publishing.delete('A', 0.5), /0 to 8, not 0.5/],
  ['a transfer to many', (w) => w.mass.sendAll({ is_to_all: true }, transfer() as never), /text, image/],
  ['21 drafts at once', (w) => w.drafts.batchGet({ offset: 0, count: 21 }), /count .*1 to 20, not 21/],
  ['no published articles at once', (w) => w.publishing.batchGet({ offset: 0, count: 0 }), /1 to 20, not 0/],
  ['101 users at once', (w) => w.users.batchGet(people(101)), /1 to 100 at once, not 101/],
  ['a tag for 51 users', (w) => w.tags.tag(1, people(51)), /1 to 50 at once, not 51/],
  ['no user to untag', (w) => w.tags.untag(1, []), /1 to 50 at once, not 0/],
  ['21 users to block', (w) => w.blacklist.add(people(21)), /1 to 20 at once, not 21/],
  ['21 users to unblock', (w) => w.blacklist.remove(people(21)), /1 to 20 at once, not 21/],
  ['a code of 31 days', (w) => w.qrcodes.createTemporary(1, 2592001), /1 to 2592000, not 2592001/],
  ['scene 0', (w) => w.qrcodes.createTemporary(0), /1 to 4294967295, not 0/],
  ['a scene of 33 bits', (w) => w.qrcodes.createTemporary(2 ** 32), /1 to 4294967295/],
  ['half a scene', (w) => w.qrcodes.createPermanent(1.5), /whole number/],
  ['permanent scene 100001', (w) => w.qrcodes.createPermanent(100001), /1 to 100000, not 100001/],
  ['an empty scene', (w) => w.qrcodes.createPermanent(''), /1 to 64 characters, not 0/],
  ['a long scene', (w) => w.qrcodes.createTemporary('a'.repeat(65)), /1 to 64 characters, not 65/],
  ['5 KB under a short key', (w) => w.shortKeys.create('字'.repeat(1366)), /1 to 4096 bytes of UTF-8, not 4098/],
  ['a short key for 31 days', (w) => w.shortKeys.create('a', 2592001), /1 to 2592000/],
  ['eight days of followers', (w) => w.datacube.userSummary('2026-01-01', '2026-01-08'), /1 to 7 days.*YYYY-MM-DD/],
  ['two days of readers', (w) => w.datacube.articleRead('2026-01-01', '2026-01-02'), /one day here/],
  ['days that go backwards', (w) => w.datacube.userSummary('2026-01-02', '2026-01-01'), /1 to 7 days/],
  ['a day in another form', (w) => w.datacube.userSummary('20260101'), /YYYY-MM-DD, not "20260101"/],
  ['a day that is none', (w) => w.datacube.userSummary('2026-13-01'), /not "2026-13-01"/],
  ['50 comments', (w) => w.comments.list({ msg_data_id: 1 }, { count: 50 }), /count .*1 to 49, not 50/],
  ['comments on no article', (w) => w.comments.open({ msg_data_id: 'MSG' }), /msg_data_id is a whole number/],
  [
    'an animated card',
    (w) => w.ocr.idCard({ bytes: Buffer.from('GIF89a0123456789') }),
    /gif file: WeChat takes jpg, png/,
  ],
  ['an empty avatar', (w) => w.customerService.uploadAvatar('a@gh', { bytes: Buffer.alloc(0) }), /avatar is empty/],
  ['a call by PUT', (w) => w.call('PUT' as 'GET', '/cgi-bin/any'), /GET or POST, not by PUT/],
  ['a call without a path', (w) => w.call('GET', 'https://example.com/'), /begins with one \//],
  ['a call to another host', (w) => w.call('GET', '//example.com/'), /begins with one \//],
  ['a call with a token', (w) => w.call('GET', '/cgi-bin/any?access_token=T'), /access_token is added to each call/],
  ['a token in the body', (w) => w.call('POST', '/cgi-bin/any', { access_token: 'T' }), /leave it out/],
  ['an empty text', (w) => w.sendCustomerServiceMessage('o1', text('')), /empty/],
];

test.each(refused)('%s is refused with what is allowed, and nothing is sent', async (_, call, says) => {
  const error = await call(wechat).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(TypeError);
  expect((error as Error).message).toMatch(says);
  expect(server.calls).toEqual([]);
});

/** The largest and the smallest that WeChat takes. */
const taken: [string, (w: StandaloneWeChat) => Promise<unknown>][] = [
  ['three buttons with five below', (w) => w.menu.create({ button: Array(3).fill(below(5)) })],
  ['a button with nothing below', (w) => w.menu.create({ button: [{ ...view, sub_button: [] } as never] })],
  [
    'the longest kf_account',
    (w) => w.customerService.addAccount(account(`1234567890@${'g'.repeat(19)}`, '客'.repeat(16))),
  ],
  ['a whole day of records', (w) => w.customerService.messageRecords(day)],
  ['two receivers', (w) => w.mass.send(people(2), hello)],
  ['20 drafts', (w) => w.drafts.batchGet({ offset: 0, count: 20 })],
  ['a draft', (w) => w.drafts.add([article])],
  ['the largest temporary scene', (w) => w.qrcodes.createTemporary(2 ** 32 - 1, 2592000)],
  ['64 emoji of scene', (w) => w.qrcodes.createPermanent('😀'.repeat(64))],
  ['4 KB under a short key', (w) => w.shortKeys.create('a'.repeat(4096))],
];

test.each(taken)('%s goes out', async (_, call) => {
  await call(wechat);
  expect(server.calls).toHaveLength(1);
});
