import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { composeWeChat } from '../../src/api/client.ts';
import { createHttp } from '../../src/api/http.ts';
import { readConfig } from '../../src/config.ts';
import type { AnyHandler } from '../../src/handlers/definition.ts';
import { silentLog } from '../../src/log.ts';
import { type RunningReceiver, startReceiver } from '../../src/receiver/receiver.ts';
import type { Message } from '../../src/wechat/message.ts';
import { type RunningWorker, startWorker } from '../../src/worker/worker.ts';
import { eventually } from '../helpers/eventually.ts';
import { createWorld, type World } from '../helpers/world.ts';
import { BUILT } from '../wechat/built.ts';
import { csMessages, OPENID } from '../wechat/fixtures.ts';

describe('every customer-service message that a handler returns reaches the API in its official form', () => {
  let world: World;
  let worker: RunningWorker;
  let receiver: RunningReceiver;
  let answer: Message | undefined;
  const received = () => world.simulator.state().messages.map(({ body }) => body);

  beforeAll(async () => {
    world = await createWorld({ simulator: { counted: false } });
    const config = readConfig(world.env, ['redis', 'push', 'api']);
    const handlers: AnyHandler[] = [
      { name: 'model', on: 'text', match: 'model', ai: true, run: () => answer },
      { name: 'says', on: 'message', run: () => answer },
    ];
    [worker, receiver] = await Promise.all([
      startWorker({ config, handlers, log: silentLog() }),
      startReceiver({ config, handlers, log: silentLog() }),
    ]);
  });
  afterAll(async () => {
    await Promise.all([receiver.stop(), worker.stop()]);
    await world.close();
  });

  test.each(csMessages.filter(({ name }) => !BUILT[name]?.[1]?.kfAccount))('$name', async ({ name, body }) => {
    const [message, options] = BUILT[name] ?? [];
    answer = message;
    const before = received().length;
    await world.push({ openid: OPENID, text: options?.ai ? 'model' : 'x' });
    await eventually(() => expect(received()[before]).toEqual(body));
    // WeChat takes one of them from mini-programs alone, and its user is told that it was given up.
    await eventually(async () => expect(await world.redis.zcard(`{${world.env['WXRELAY_PREFIX']}:0}:oldest`)).toBe(0));
    expect(received().slice(before)).toHaveLength(name === 'link' ? 2 : 1);
  });

  test('one that is sent in the name of a customer-service account', async () => {
    const fixture = csMessages.find(({ name }) => BUILT[name]?.[1]?.kfAccount);
    const [message, options] = BUILT[fixture?.name as string] ?? [];
    const http = createHttp(world.simulator.url);
    const { access_token } = await http.call({
      method: 'POST',
      path: '/cgi-bin/stable_token',
      json: {
        grant_type: 'client_credential',
        appid: world.env['WECHAT_APP_ID'],
        secret: world.env['WECHAT_APP_SECRET'],
      },
    });
    const token = async () => String(access_token);
    const before = received().length;
    await composeWeChat({ http, tokens: { get: token, replace: token }, appId: '' }).sendCustomerServiceMessage(
      OPENID,
      message as Message,
      options,
    );
    await http.close();
    expect(received().slice(before)).toEqual([fixture?.body]);
  });
});
