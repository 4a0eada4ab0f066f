import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pushToReceiver } from '../../src/simulator/push.ts';
import { buildPush } from '../../src/simulator/push-xml.ts';
import type { ReplyMessage } from '../../src/wechat/message.ts';
import { OPENID, replies } from '../wechat/fixtures.ts';
import { createHarness } from './harness.ts';
import { ACCOUNT } from './requests.ts';

const harness = createHarness();
afterAll(() => harness.close());

describe.each(['plain', 'compatible', 'safe'] as const)('every passive reply over HTTP in %s mode', (encryption) => {
  let url = '';
  let reply: ReplyMessage | null = null;
  beforeAll(async () => {
    const env = {
      WECHAT_ENCRYPTION: encryption,
      ...(encryption === 'plain' ? {} : { WECHAT_ENCODING_AES_KEY: ACCOUNT.aesKey }),
    };
    const says = { name: 'says', on: 'any', reply: () => reply ?? undefined } as const;
    ({ url } = await harness.start([says], { env }));
  });

  test.each(replies.map((entry) => [entry.name, entry] as const))('%s', async (name, entry) => {
    ({ reply } = entry);
    const xml = buildPush({ openid: OPENID, account: ACCOUNT.toUser }, { text: name });
    const account = { ...ACCOUNT, encryption, encodingAESKey: ACCOUNT.aesKey };
    const { answer, attempts } = await pushToReceiver({ ...account, receiverUrl: url, xml, attempts: 1 });
    // The simulator decrypts, parses and judges by itself: it shares no code with the receiver.
    if (entry.reply === null) expect(answer.kind).toBe('success');
    else expect(answer).toMatchObject({ kind: 'reply', reply: entry.reply });
    expect(attempts[0]?.body?.includes('<Encrypt>')).toBe(entry.reply !== null && encryption !== 'plain');
  });
});
