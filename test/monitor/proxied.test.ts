// What a proxy in front makes of a request of our own page, and of a foreign one: the forms of Host that proxies are set to send.
import { once } from 'node:events';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PASSWORD, signIn, type Watched, watch } from './harness.ts';

const PUBLIC = 'monitor.example.com';
const PAUSE = '/queues/api/queues/handle/pause';

let watched: Watched;
beforeAll(async () => {
  watched = await watch();
});
afterAll(() => watched.close());

/** The status of a write as it comes through a proxy. */
async function write(headers: Record<string, string>): Promise<number | undefined> {
  const sent = request(watched.url + PAUSE, { method: 'PUT', headers: { ...signIn(PASSWORD), ...headers } });
  sent.end();
  const [answer] = await once(sent, 'response');
  answer.resume();
  return answer.statusCode;
}

const upstream = () => new URL(watched.url).host;
const FORMS: [string, string, () => Record<string, string>][] = [
  ['Host $http_host', `http://${PUBLIC}:8443`, () => ({ host: `${PUBLIC}:8443` })],
  ['Host $host, which drops the port', `http://${PUBLIC}:8443`, () => ({ host: PUBLIC })],
  [
    'X-Forwarded-Host $http_host',
    `http://${PUBLIC}:8443`,
    () => ({ host: upstream(), 'x-forwarded-host': `${PUBLIC}:8443` }),
  ],
  ['X-Forwarded-Host $host', `http://${PUBLIC}:8443`, () => ({ host: upstream(), 'x-forwarded-host': PUBLIC })],
  [
    'X-Forwarded-Host of two proxies',
    `http://${PUBLIC}`,
    () => ({ host: upstream(), 'x-forwarded-host': `${PUBLIC}, inner` }),
  ],
  ['an address of version 6', 'http://[::1]:8443', () => ({ host: '[::1]' })],
];

describe.each(FORMS)('behind a proxy that sends %s', (_, origin, headers) => {
  test('a page of the monitor may change something, over http too, where there is no Sec-Fetch-Site', async () => {
    expect(await write({ origin, ...headers() })).toBe(200);
  });

  test('a page of another site may not', async () => {
    for (const foreign of ['http://evil.example', `http://${PUBLIC}.evil.example`, 'null', 'nonsense'])
      expect(await write({ origin: foreign, ...headers() })).toBe(403);
  });

  test('what the browser itself says counts more', async () => {
    expect(await write({ origin, 'sec-fetch-site': 'cross-site', ...headers() })).toBe(403);
  });
});

test('behind a proxy that passes no name on, the refusal says what to set', async () => {
  const answer = await watched.ask(PAUSE, { method: 'PUT', headers: { origin: `http://${PUBLIC}` } });
  expect(answer.status).toBe(403);
  expect(await answer.text()).toContain('proxy_set_header Host $http_host;');
});
