import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createWeChat, type StandaloneWeChat, text, type WeChat } from '../../../src/index.ts';
import { eventually } from '../../helpers/eventually.ts';
import { type Server, startServer } from '../server.ts';
import { APP_ID, SECRET } from './rows/row.ts';

const TOKEN = '/cgi-bin/stable_token';
const TICKET = '/cgi-bin/ticket/getticket';

let server: Server;
let wechat: StandaloneWeChat;
/** The APIs that never answer. */
let hanging: (path: string) => boolean;
beforeAll(async () => {
  server = await startServer(() => undefined);
});
afterAll(() => server.close());
beforeEach(() => {
  hanging = () => false;
  server.answerWith(({ path }) => {
    if (hanging(path)) return undefined;
    return path === TOKEN
      ? { access_token: 'T', expires_in: 7200 }
      : { errcode: 0, ticket: 'TICKET', expires_in: 7200, tags: [] };
  });
  server.calls.length = 0;
  wechat = createWeChat({ appId: APP_ID, appSecret: SECRET, baseUrl: server.url });
  return () => {
    server.closeConnections();
    return wechat.close();
  };
});
const asked = (path: string) => server.calls.filter((call) => call.path === path).length;

/** Begins a call, ends it once `path` has been asked, and tells how it ended. */
async function endOnce(
  path: string,
  begin: (client: WeChat) => Promise<unknown>,
  reason: unknown = new Error('enough'),
) {
  const giveUp = new AbortController();
  const outcome = begin(wechat.with({ signal: giveUp.signal })).then(
    () => 'answered',
    (error: Error) => error,
  );
  await eventually(() => expect(asked(path)).toBeGreaterThan(0));
  giveUp.abort(reason);
  return outcome;
}

describe('a signal', () => {
  test.each<[string, string, (client: WeChat) => Promise<unknown>]>([
    ['a GET', '/cgi-bin/tags/get', (client) => client.tags.get()],
    ['a POST', '/cgi-bin/message/custom/send', (client) => client.sendCustomerServiceMessage('o', text('x'))],
    ['a list', '/cgi-bin/user/get', (client) => client.users.list().next()],
    ['a download', '/cgi-bin/media/get', (client) => client.media.get('M')],
    ['a call without a token', '/cgi-bin/clear_quota/v2', (client) => client.quota.clearAllBySecret()],
  ])('ends %s that hangs, in doubt, once', async (_, path, begin) => {
    hanging = (asking) => asking === path;
    expect(await endOnce(path, begin)).toMatchObject({
      name: 'NetworkError',
      inDoubt: true,
      message: expect.stringContaining('enough'),
    });
    expect(asked(path)).toBe(1);
  });

  test('ends the wait for a token, which goes on for the others; nothing was written', async () => {
    let release = () => {};
    const held = new Promise<void>((done) => {
      release = done;
    });
    server.answerWith(async ({ path }) => {
      if (path !== TOKEN) return { errcode: 0, tags: [] };
      await held;
      return { access_token: 'T', expires_in: 7200 };
    });
    const other = wechat.tags.get();
    const ended = await endOnce(TOKEN, (client) => client.tags.get(), 'a reason that is no Error');
    expect(ended).toMatchObject({ name: 'NetworkError', inDoubt: false, message: expect.stringContaining('no Error') });
    expect(await endOnce(TOKEN, (client) => client.warm())).toMatchObject({ inDoubt: false });
    release();
    expect(await other).toEqual({ tags: [] });
    expect([asked(TOKEN), asked('/cgi-bin/tags/get')]).toEqual([1, 1]);
  });

  test('ends the wait for a ticket, which is kept for all', async () => {
    hanging = (path) => path === TICKET;
    expect(await endOnce(TICKET, (client) => client.jsSdk.signature('https://x.example/'))).toMatchObject({
      inDoubt: false,
    });
  });

  test('that is aborted already lets nothing out', async () => {
    const client = wechat.with({ signal: AbortSignal.abort() });
    await expect(client.tags.get()).rejects.toMatchObject({ name: 'NetworkError', inDoubt: false });
    await wechat.tags.get();
    await expect(client.tags.get()).rejects.toMatchObject({ name: 'NetworkError', inDoubt: false });
    expect(asked('/cgi-bin/tags/get')).toBe(1);
  });

  test('does not take the place of a call’s own, nor of one given before', async () => {
    hanging = (path) => path === '/x';
    for (const which of [0, 1, 2]) {
      const [one, two, own] = [new AbortController(), new AbortController(), new AbortController()];
      const client = wechat.with({ signal: one.signal }).with({ signal: two.signal });
      const call = client.call({ method: 'POST', path: '/x', json: {}, signal: own.signal });
      const outcome = call.catch((error: Error) => error);
      await eventually(() => expect(asked('/x')).toBe(which + 1));
      [one, two, own][which]?.abort();
      expect(await outcome).toMatchObject({ name: 'NetworkError', inDoubt: true });
    }
  });

  test('that ends nothing changes nothing: token and ticket are those of the client', async () => {
    const client = wechat.with({ signal: new AbortController().signal });
    expect([
      await wechat.jsSdk.ticket(),
      await client.jsSdk.ticket(),
      await wechat.with({ signal: AbortSignal.timeout(60_000) }).jsSdk.ticket(),
    ]).toEqual(Array(3).fill('TICKET'));
    expect([asked(TOKEN), asked(TICKET)]).toEqual([1, 1]);
  });
});
