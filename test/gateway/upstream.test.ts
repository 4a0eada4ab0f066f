import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createUpstream } from '../../src/gateway/upstream.ts';
import { NO_ANSWERS, type Server, startServer } from '../api/server.ts';
import { freePort } from '../helpers/ports.ts';

let first: Server;
let second: Server;
beforeAll(async () => {
  first = await startServer(() => ({ server: 1 }));
  second = await startServer(() => ({ server: 2 }));
});
afterAll(() => Promise.all([first.close(), second.close()]));

const call = (upstream: ReturnType<typeof createUpstream>, signal = new AbortController().signal) =>
  upstream
    .call(
      {
        method: 'POST',
        path: '/cgi-bin/message/custom/send',
        query: new URLSearchParams(),
        headers: {},
        body: { kind: 'kept', bytes: Buffer.from('{}') },
        signal,
      },
      'TOKEN',
    )
    .then(
      ({ status, json }) => (status === 200 ? String(json) : status),
      (refusal) => ({ written: refusal.body.written as boolean }),
    );

describe('where WeChat’s server does not answer a call of the gateway, the next call is made at another', () => {
  const unanswered = NO_ANSWERS.filter(([name]) => ['502', 'half a body', 'nothing, and closes'].includes(name));

  test.each(unanswered)('%s', async (_, answering) => {
    const upstream = createUpstream(first.url, [second.url]);
    first.answerWith(answering);
    second.calls.length = 0;
    await call(upstream);
    expect(second.calls).toHaveLength(0);
    expect(await call(upstream)).toBe('{"server":2}');
    await upstream.close();
  });

  test('not listening', async () => {
    const upstream = createUpstream(`http://127.0.0.1:${await freePort()}`, [second.url]);
    expect(await call(upstream)).toEqual({ written: false });
    expect(await call(upstream)).toBe('{"server":2}');
    await upstream.close();
  });

  test('but not where it was the client who went away', async () => {
    const upstream = createUpstream(first.url, [second.url]);
    const gone = new AbortController();
    first.answerWith(() => gone.abort());
    expect(await call(upstream, gone.signal)).toEqual({ written: true });
    first.answerWith(() => ({ server: 1 }));
    expect(await call(upstream)).toBe('{"server":1}');
    await upstream.close();
  });
});
