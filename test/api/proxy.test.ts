// Calls of the API through the proxy that the environment names.
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createHttp } from '../../src/api/http.ts';
import { ConfigError } from '../../src/errors.ts';
import { type Server, startServer } from './server.ts';

const POST = {
  method: 'POST',
  path: '/cgi-bin/message/custom/send',
  json: {},
  query: { access_token: 'SECRET' },
} as const;

let wechat: Server;
/** What the proxy was asked to connect to, and whether it says who may use it. */
let asked: { target: string | undefined; authorization: string | undefined }[] = [];
let refuseWith = 0;
const proxy = createServer().on('connect', (request: IncomingMessage, socket: Socket) => {
  asked.push({ target: request.url, authorization: request.headers['proxy-authorization'] });
  if (refuseWith) return socket.end(`HTTP/1.1 ${refuseWith} No\r\nContent-Length: 0\r\n\r\n`);
  const upstream = connect(wechat.port, '127.0.0.1', () => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    upstream.pipe(socket).pipe(upstream);
  });
  socket.on('error', () => upstream.destroy());
  return upstream.on('error', () => socket.destroy());
});
let url: string;
beforeAll(async () => {
  wechat = await startServer(() => ({ errcode: 0, errmsg: 'ok' }));
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  url = `http://user:password@127.0.0.1:${(proxy.address() as AddressInfo).port}`;
});
beforeEach(() => {
  asked = [];
  refuseWith = 0;
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'])
    for (const spelling of [name, name.toLowerCase()]) vi.stubEnv(spelling, '');
});
afterEach(() => void vi.unstubAllEnvs());
afterAll(async () => {
  await wechat.close();
  proxy.closeAllConnections();
  proxy.close();
});

async function call(baseUrl: string) {
  const http = createHttp(baseUrl, { others: [] });
  try {
    return await http.call({ ...POST, retries: 0 });
  } finally {
    await http.close();
  }
}

describe('a call goes through', () => {
  test.each([
    ['HTTP_PROXY', 'http://api.example', 'api.example:80'],
    ['http_proxy', 'http://api.example:8083', 'api.example:8083'],
  ])('%s to %s', async (name, server, target) => {
    vi.stubEnv(name, url);
    expect(await call(server)).toEqual({ errcode: 0, errmsg: 'ok' });
    const authorization = `Basic ${Buffer.from('user:password').toString('base64')}`;
    expect(asked).toEqual([{ target, authorization }]);
  });

  test.each(['HTTPS_PROXY', 'https_proxy'])(
    '%s to an https server, and a proxy that says no leaves nothing in doubt',
    async (name) => {
      vi.stubEnv(name, url);
      refuseWith = 407;
      const error = await call('https://api.example').catch((thrown: Error) => thrown);
      expect(error).toMatchObject({ name: 'NetworkError', inDoubt: false, message: expect.stringContaining('407') });
      expect(asked.map(({ target }) => target)).toEqual(['api.example:443']);
      expect((error as Error).message).not.toMatch(/SECRET|password/);
    },
  );

  test('one that is written without its scheme', async () => {
    vi.stubEnv('HTTP_PROXY', url.replace('http://', ''));
    await call('http://api.example');
    expect(asked).toHaveLength(1);
  });
});

describe('a call goes straight', () => {
  test.each(['*', 'nowhere.invalid', 'other.example,.invalid'])('past a proxy with NO_PROXY=%s', async (names) => {
    vi.stubEnv('HTTP_PROXY', url);
    vi.stubEnv('NO_PROXY', names);
    await expect(call('http://nowhere.invalid')).rejects.toThrow(/ENOTFOUND|EAI_AGAIN/);
    expect(asked).toEqual([]);
  });

  test('to this machine, whatever is set', async () => {
    vi.stubEnv('HTTP_PROXY', url);
    expect(await call(wechat.url)).toEqual({ errcode: 0, errmsg: 'ok' });
    expect(asked).toEqual([]);
  });
});

test.each(['http://', 'socks5://127.0.0.1:1080', 'http://user:pass word@:x'])(
  'HTTPS_PROXY=%s stops the start',
  (given) => {
    vi.stubEnv('HTTPS_PROXY', given);
    expect(() => createHttp('https://api.example')).toThrow(ConfigError);
    expect(() => createHttp('https://api.example')).toThrow(/HTTPS_PROXY must be/);
    expect(() => createHttp('https://api.example')).not.toThrow(/pass word/);
  },
);
