import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signedRequest } from '../../src/simulator/request.ts';
import type { Push } from '../../src/wechat/push.ts';
import { createHarness } from './harness.ts';
import { ACCOUNT } from './requests.ts';

interface Recorded {
  readonly name: string;
  readonly xml: string;
  readonly expect: Record<string, unknown>;
  readonly reject?: boolean;
  readonly checkExpect?: boolean | string[];
}

const recorded: Recorded[] = JSON.parse(readFileSync(new URL('../fixtures/messages.json', import.meta.url), 'utf8'));
const encodingAESKey = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG';
const harness = createHarness();
afterAll(() => harness.close());

describe.each(['plain', 'compatible', 'safe'] as const)('over HTTP in %s mode', (encryption) => {
  const seen: Push[] = [];
  let url = '';
  beforeAll(async () => {
    const env = {
      WECHAT_ENCRYPTION: encryption,
      ...(encryption === 'plain' ? {} : { WECHAT_ENCODING_AES_KEY: encodingAESKey }),
    };
    const look = { name: 'look', on: 'any', reply: ({ push }: { push: Push }) => void seen.push(push) } as const;
    // A prefix for each mode: the same push has to be new in each.
    const receiver = await harness.start([look], {
      env: { ...env, WXRELAY_PREFIX: `${harness.env.WXRELAY_PREFIX}-${encryption}` },
    });
    url = receiver.url;
  });

  const post = async ({ xml }: Recorded) => {
    const account = { ...ACCOUNT, encryption, encodingAESKey };
    const request = signedRequest(url, account, { xml, openid: 'oTest0penid_AAAAAAAAAAAAAAA1', to: 'gh_0f1e2d3c4b5a' });
    const response = await fetch(request.url, {
      method: 'POST',
      body: request.body,
      headers: { 'content-type': 'text/xml' },
    });
    return { status: response.status, body: await response.text() };
  };

  test.each(recorded.map((push) => [push.name, push] as const))('%s', async (_, push) => {
    seen.length = 0;
    expect(await post(push)).toEqual({ status: 200, body: 'success' });
    if (push.reject) {
      expect(seen).toEqual([]);
      return;
    }
    expect(seen).toHaveLength(1);
    const got = { ...seen[0] } as Record<string, unknown>;
    // The compatible form carries the encrypted copy beside the plain fields; only the decrypted one is looked at.
    expect(got).not.toHaveProperty('Encrypt');
    if (push.checkExpect === false) return;
    const fields = Array.isArray(push.checkExpect) ? push.checkExpect : Object.keys(push.expect);
    for (const field of fields) expect(got[field]).toEqual(push.expect[field]);
  });
});
