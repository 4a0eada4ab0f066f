import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWeChat, type StandaloneWeChat, text } from '../../../src/index.ts';
import { type Server, startServer } from '../server.ts';
import { APP_ID, FRIEND, OPENID, SECRET } from './rows/row.ts';

let server: Server;
let wechat: StandaloneWeChat;
/** As WeChat writes it: an id of 64 bits is a number there. */
let ids = '';
beforeAll(async () => {
  server = await startServer((call, response) =>
    call.path === '/cgi-bin/stable_token'
      ? { access_token: 'T', expires_in: 7200 }
      : void response.end(`{"errcode":45065,"errmsg":"clientmsgid exist"${ids}}`),
  );
  wechat = createWeChat({ appId: APP_ID, appSecret: SECRET, baseUrl: server.url });
});
afterAll(async () => {
  await wechat.close();
  await server.close();
});

const sends: [string, () => Promise<unknown>][] = [
  ['sendAll', () => wechat.mass.sendAll({ is_to_all: true }, text('大家好'), { clientmsgid: 'a' })],
  ['send', () => wechat.mass.send([OPENID, FRIEND], text('大家好'), { clientmsgid: 'a' })],
];

test.each(sends)('%s under an id that was used before answers the ids of that send, and says so', async (_, send) => {
  ids = ',"msg_id":9007199254740993,"msg_data_id":2247483650';
  expect(await send()).toEqual({ msg_id: '9007199254740993', msg_data_id: '2247483650', sentBefore: true });
  ids = ',"msg_id":34182';
  expect(await send()).toEqual({ msg_id: '34182', sentBefore: true });
});

test.each(sends)('%s throws where the answer has no id, with all that was answered', async (_, send) => {
  ids = ',"more":1';
  await expect(send()).rejects.toMatchObject({ errcode: 45065, answer: { errcode: 45065, more: 1 } });
});
