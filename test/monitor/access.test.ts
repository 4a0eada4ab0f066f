import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PASSWORD, signIn, type Watched, watch } from './harness.ts';

describe('who may look at the monitor', () => {
  let watched: Watched;
  beforeAll(async () => {
    watched = await watch();
  });
  afterAll(() => watched.close());

  const ROUTES: [method: string, path: string][] = [
    ['GET', '/'],
    ['GET', '/metrics'],
    ['HEAD', '/metrics'],
    ['GET', '/queues'],
    ['GET', '/queues/'],
    ['GET', '/queues/queue/handle'],
    ['GET', '/queues/static/js/main.js'],
    ['GET', '/queues/api/queues'],
    ['GET', '/queues/api/redis/stats'],
    ['GET', '/queues/api/queues/handle/1'],
    ['PUT', '/queues/api/queues/dead/1/retry'],
    ['PUT', '/queues/api/queues/handle/pause'],
    ['POST', '/queues/api/queues/handle/add'],
    ['GET', '/nothing-here'],
    ['GET', '/healthz/../queues'],
    ['POST', '/healthz'],
  ];

  test.each(ROUTES)('%s %s without a password is refused', async (method, path) => {
    const answer = await fetch(watched.url + path, { method, redirect: 'manual' });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Basic realm="wxrelay", charset="UTF-8"');
  });

  test.each([
    ['another password', signIn('wrong')],
    ['a password that begins like ours', signIn(`${PASSWORD}x`)],
    ['an empty password', signIn('')],
    ['no colon', { authorization: `Basic ${Buffer.from('anybody').toString('base64')}` }],
    ['another scheme', { authorization: `Bearer ${PASSWORD}` }],
    ['nonsense', { authorization: 'Basic !!!' }],
  ])('%s is refused', async (_, headers) => {
    expect((await fetch(`${watched.url}/metrics`, { headers })).status).toBe(401);
  });

  test('the right password opens the monitor, whatever the user name', async () => {
    for (const user of ['', 'admin', '管理员']) {
      const answer = await fetch(`${watched.url}/metrics`, { headers: signIn(PASSWORD, user) });
      expect(answer.status).toBe(200);
    }
  });

  test('the way from / leads to the queues', async () => {
    const answer = await watched.ask('/', { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/queues']);
    expect(await (await watched.ask('/')).text()).toContain('<title>wxrelay</title>');
  });

  test('/healthz asks for no password', async () => {
    const answer = await fetch(`${watched.url}/healthz`);
    expect([answer.status, await answer.text()]).toEqual([200, 'ok']);
  });

  test.each([
    ['a foreign Origin', { origin: 'https://elsewhere.example' }],
    ['the Origin of another port', { origin: 'http://127.0.0.1:1' }],
    ['the Origin of a sandboxed page', { origin: 'null' }],
    ['Sec-Fetch-Site: cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['Sec-Fetch-Site: same-site', { 'sec-fetch-site': 'same-site' }],
  ])('a request that changes something with %s is refused, password or not', async (_, headers) => {
    for (const [method, path] of [
      ['PUT', '/queues/api/queues/handle/pause'],
      ['POST', '/queues/api/queues/handle/add'],
      ['PATCH', '/queues/api/queues/handle/1/update-data'],
      ['DELETE', '/queues'],
    ] as const)
      expect((await watched.ask(path, { method, headers: { ...headers } })).status).toBe(403);
    expect(await watched.queues.get(watched.names.tags()[0] as string, 'handle').isPaused()).toBe(false);
  });

  test('our own page may change something', async () => {
    const own = { origin: watched.url, 'sec-fetch-site': 'same-origin' };
    expect((await watched.ask('/queues/api/queues/handle/pause', { method: 'PUT', headers: own })).status).toBe(200);
    expect(
      (await watched.ask('/queues/api/queues/handle/resume', { method: 'PUT', headers: { origin: watched.url } }))
        .status,
    ).toBe(200);
  });

  test('every answer forbids framing, guessing of types, and other hosts', async () => {
    for (const answer of [await fetch(watched.url), await watched.ask('/queues'), await watched.ask('/metrics')]) {
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.get('x-frame-options')).toBe('DENY');
      expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
      expect(answer.headers.get('content-security-policy')).toContain("default-src 'self'");
    }
  });
});

describe('guessing', () => {
  test('after ten wrong passwords an address is shut out, with the right one too', async (t) => {
    const watched = await watch();
    t.onTestFinished(() => watched.close());
    const status = async (headers: Record<string, string> = {}) =>
      (await fetch(`${watched.url}/metrics`, { headers })).status;
    for (let request = 0; request < 20; request += 1) expect(await status()).toBe(401);
    expect(await status(signIn(PASSWORD))).toBe(200);
    for (let guess = 0; guess < 10; guess += 1) expect(await status(signIn(`guess ${guess}`))).toBe(401);
    expect(await status(signIn('guess 10'))).toBe(429);
    expect(await status(signIn(PASSWORD))).toBe(429);
    expect((await fetch(`${watched.url}/healthz`)).status).toBe(200);
  });

  test('without MONITOR_PASSWORD each start makes up a password, which is in no log', async (t) => {
    const [one, two] = await Promise.all([watch({ MONITOR_PASSWORD: '' }), watch({ MONITOR_PASSWORD: '' })]);
    t.onTestFinished(async () => void (await Promise.all([one.close(), two.close()])));
    const [first, second] = [one.monitor.madeUpPassword as string, two.monitor.madeUpPassword as string];
    expect(first).toMatch(/^[\w-]{24}$/);
    expect(second).not.toBe(first);
    expect((await fetch(`${one.url}/metrics`, { headers: signIn('') })).status).toBe(401);
    expect((await fetch(`${one.url}/metrics`, { headers: signIn(second) })).status).toBe(401);
    expect((await fetch(`${one.url}/metrics`, { headers: signIn(first) })).status).toBe(200);
    expect(one.logged()).toContain('monitor.ready');
    expect(one.logged()).not.toContain(first);
  });
});
