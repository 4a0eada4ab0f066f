import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHarness } from './harness.ts';
import { type Answer, get, post } from './requests.ts';

interface Recorded {
  readonly name: string;
  readonly mode: 'any' | 'plaintext' | 'compatible' | 'secure';
  readonly method: 'GET' | 'POST';
  readonly repeat?: number;
  readonly query: Record<string, string>;
  readonly body: string;
  readonly expect: { status?: number; body?: string; accepted?: true; rejected?: true; processedOnce?: true };
}

const { config, requests } = JSON.parse(
  readFileSync(new URL('../fixtures/requests.json', import.meta.url), 'utf8'),
) as {
  config: { token: string; encodingAESKey: string; appid: string };
  requests: Recorded[];
};
const ENCRYPTION = { any: 'safe', plaintext: 'plain', compatible: 'compatible', secure: 'safe' };

/** A receiver whose clock shows the moment at which the request was signed. */
function receiverFor({ mode, query }: Recorded) {
  const harness = createHarness();
  const ran: string[] = [];
  const handlers = [{ name: 'everything', on: 'any' as const, reply: () => void ran.push('reply') }];
  const env = {
    WECHAT_TOKEN: config.token,
    WECHAT_APP_ID: config.appid,
    WECHAT_ENCODING_AES_KEY: config.encodingAESKey,
    WECHAT_ENCRYPTION: ENCRYPTION[mode],
  };
  const now = () => Number(query['timestamp'] ?? 1767225600) * 1000;
  return { harness, ran, start: () => harness.start(handlers, { env, now }) };
}

describe.each(requests)('the request $name', (request) => {
  const { harness, ran, start } = receiverFor(request);
  let answers: Answer[];
  let receiver: Awaited<ReturnType<typeof start>>;

  beforeAll(async () => {
    receiver = await start();
    const send = () => (request.method === 'GET' ? get(receiver.url, request.query) : post(receiver.url, request));
    answers = await Promise.all(Array.from({ length: request.repeat ?? 1 }, send));
  });
  afterAll(() => harness.close());

  const { expect: wanted, query, method } = request;
  if (wanted.rejected && Object.keys(query).length > 0)
    test('is refused with 401 and an empty body, and no handler runs', () => {
      expect(answers).toEqual([expect.objectContaining({ status: 401, body: '' })]);
      expect(ran).toEqual([]);
      expect(receiver.events('push.unauthorized')).toHaveLength(1);
    });
  if (wanted.rejected && Object.keys(query).length === 0)
    test('is refused with 401, and says who runs here', () => {
      expect(answers).toEqual([expect.objectContaining({ status: 401, body: expect.stringContaining('wxrelay') })]);
    });
  if (wanted.accepted)
    test('is accepted with 200, and its handler runs once, however many copies come', () => {
      expect(answers.map(({ status, body }) => [status, body])).toEqual(answers.map(() => [200, 'success']));
      expect(ran).toEqual(['reply']);
    });
  if (method === 'GET' && wanted.status === 200)
    test('is answered with exactly its echostr', () => {
      expect(answers).toEqual([{ status: 200, body: wanted.body, type: 'text/plain; charset=utf-8' }]);
    });
});
