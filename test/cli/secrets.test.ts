import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { lastWords } from '../../src/cli/last-words.ts';
import { readConfig } from '../../src/config.ts';
import { startChild, untilLogged } from '../helpers/child.ts';
import { freePort } from '../helpers/ports.ts';
import { createRedisServer, type RedisServer } from '../helpers/redis-server.ts';
import { runHere } from '../helpers/run-here.ts';

const dir = mkdtempSync(join(tmpdir(), 'wxrelay-secrets-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const KEY = 'SecretKey23456789SecretKey23456789SecretKey';
const secrets = {
  WECHAT_TOKEN: 'SecretToken123',
  WECHAT_APP_SECRET: 'SecretOfTheApp0123456789',
  WECHAT_ENCODING_AES_KEY: KEY,
  MONITOR_PASSWORD: 'SecretMonitorPassword',
};
const PASSWORD = 'SecretRedisPassword';
const isSecret = /Secret[A-Z]/;

describe('the last words of a process', () => {
  for (const password of [PASSWORD, `${PASSWORD}%2F`])
    readConfig({ ...secrets, REDIS_URL: `redis://me:${password}@127.0.0.1:1` }, []);
  const dressed = Object.assign(new Error(`no way to redis://me:${PASSWORD}@127.0.0.1`), {
    code: 'ECONNREFUSED',
    command: { name: 'auth', args: [PASSWORD] },
    options: { headers: { authorization: secrets.WECHAT_APP_SECRET } },
    url: `https://api.weixin.qq.com/?access_token=SecretAccessToken`,
  });
  const inQuery = new Error('GET /cgi-bin/token?secret=SecretOfAnother&access_token=SecretAccessToken failed');
  const inJson = new Error('sent {"access_token":"SecretAccessToken"}');

  test.each<[string, unknown, RegExp[]]>([
    [
      'an error with properties',
      dressed,
      [/no way to redis:\/\/\*\*\*@127/, /ECONNREFUSED/, /what to do: nothing listens/],
    ],
    [
      'its cause',
      new Error('the start failed', { cause: dressed }),
      [/ends: Error: the start failed/, /because of .*no way/],
    ],
    ['a query', inQuery, [/secret=\*\*\*&access_token=\*\*\* failed/]],
    ['JSON', inJson, [/sent .*/]],
    ['a refused login', new Error(`WRONGPASS invalid username-password pair for ${PASSWORD}`), [/REDIS_URL/]],
    ['a password as it was encoded', new Error(`host ${PASSWORD}/ is unknown`), [/host \*\*\* is unknown/]],
    ['a text that was thrown', `died of ${secrets.WECHAT_APP_SECRET}`, [/died of \*\*\*/]],
    ['an object that was thrown', { password: PASSWORD }, [/a object was thrown/]],
    ['what a user wrote', new Error('cannot read "SecretLetterOfAUser"'), [/cannot read "…"/]],
    ['an error of a handler', new Error('x is no function'), [/secrets\.test/, /what to do: /]],
  ])('%s: what it says, its cause, and what to do; no secret', (_, error, facts) => {
    const said = lastWords(error);
    for (const fact of facts) expect(said).toMatch(fact);
    expect(said).not.toMatch(isSecret);
  });
});

describe.skipIf(!inject('realRedis'))('a Redis that refuses the login, or breaks', () => {
  let server: RedisServer;
  let babbler: Server;
  let env: Record<string, string>;
  beforeAll(async () => {
    server = await createRedisServer();
    const clients = join(dir, 'clients.json');
    writeFileSync(clients, JSON.stringify({ clients: [] }));
    env = {
      ...secrets,
      REDIS_URL: server.url.replace('//', `//me:${PASSWORD}@`),
      WECHAT_APP_ID: 'wx0123456789abcdef',
      GATEWAY_CONFIG: clients,
      HOST: '127.0.0.1',
      WXRELAY_DATA_DIR: join(dir, 'data'),
    };
    // Cuts every connection in the middle of nonsense.
    babbler = createServer((socket) => socket.once('data', () => socket.end('not Redis at all\r\n')));
    await new Promise<void>((done) => babbler.listen(0, '127.0.0.1', done));
  });
  afterAll(async () => {
    babbler.close();
    await server.close();
  });

  test.each(['worker', 'monitor'])('%s ends with one line about REDIS_URL and no secret', async (name) => {
    const child = startChild([name], { ...env, MONITOR_PORT: `${await freePort()}` }, dir);
    expect(await child.ended).toBe(78);
    const output = child.lines.join('\n');
    expect(output).toMatch(/REDIS_URL.*refuses the login.*redis:\/\/user:password@host/);
    expect(output).not.toMatch(isSecret);
  });

  test('a receiver, which keeps pushes on disk meanwhile, says so and prints no secret', async (t) => {
    const child = startChild(['receiver'], { ...env, PORT: `${await freePort()}` }, dir);
    t.onTestFinished(() => child.kill('SIGKILL'));
    expect(await untilLogged(child, 'redis.refused')).toMatchObject({ kind: 'login' });
    child.kill('SIGTERM');
    await child.ended;
    expect(child.lines.join('\n')).not.toMatch(isSecret);
  });

  test.each([
    [['queue', 'list']],
    [['queue', 'list', '--parked']],
    [['trace', '--malformed']],
    [['token']],
    [['forget', 'oSomebody0000000000000000000']],
    [['send', 'oSomebody0000000000000000000', 'hello']],
  ])('%j says so, and prints no secret', async (args) => {
    const refused = await runHere(args, env, dir);
    expect(refused.output).toMatch(/REDIS_URL.*refuses the login/);
    expect([refused.code, isSecret.test(refused.output)]).toEqual([78, false]);
    const { port } = babbler.address() as { port: number };
    const broken = await runHere(args, { ...env, REDIS_URL: `redis://:${PASSWORD}@127.0.0.1:${port}` }, dir);
    expect([broken.code, isSecret.test(broken.output)]).toEqual([1, false]);
  });
});

test.each([
  ['an exception', `setTimeout(() => { throw Object.assign(new Error('late'), { args: [process.env.REDIS_URL] }); });`],
  [
    'a rejection',
    `setTimeout(() => Promise.reject(Object.assign(new Error('late'), { url: process.env.REDIS_URL })));`,
  ],
])('%s that nobody catches ends the process with 1 and its message alone', async (_, code) => {
  writeFileSync(join(dir, 'late.mjs'), `${code}\nexport const handlers = [{ name: 'a', on: 'text', reply: 'x' }];\n`);
  const env = { ...secrets, WECHAT_APP_ID: 'wx0123456789abcdef', REDIS_URL: `redis://:${PASSWORD}@127.0.0.1:1` };
  const child = startChild(['worker', '--handlers', 'late.mjs'], env, dir);
  expect(await child.ended).toBe(1);
  const output = child.lines.join('\n');
  expect(output).toMatch(/wxrelay ends: Error: late\n.*at .*late\.mjs/);
  expect(output).not.toMatch(isSecret);
});
