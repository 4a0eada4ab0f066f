import { afterAll, describe, expect, test } from 'vitest';
import { pushes } from '../../src/metrics.ts';
import { createHarness } from './harness.ts';
import { ACCOUNT, newOpenid, plain, post, sealed, seconds, textXml } from './requests.ts';

const harness = createHarness();
afterAll(() => harness.close());
const receiver = harness.start([{ name: 'once', on: 'text', limit: '1/min', run: () => undefined }]);

/** How often a push had each outcome. */
async function counted(): Promise<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { labels, value } of (await pushes.get()).values)
    sums[`${labels.outcome}`] = (sums[`${labels.outcome}`] ?? 0) + value;
  return sums;
}

const openid = newOpenid();
const text = (id: string) => plain(textXml(openid, 'hi', id));
const late = String(Number(seconds()) - 3600);

// One word for one thing: the event of the log is `push.` and the outcome that is counted.
describe('the word for a push in the log and in the metrics', () => {
  const kinds: [string, string, (url: string) => Promise<unknown>][] = [
    ['accepted', 'that is kept', (url) => post(url, text('1'))],
    ['duplicate', 'that WeChat repeats', (url) => post(url, text('1'))],
    ['rejected', 'that its handler’s limit stops', (url) => post(url, text('2'))],
    ['unauthorized', 'whose signature is another’s', (url) => post(url, plain('<xml/>', { token: 'Another' }))],
    ['unauthorized', 'that is too old', (url) => post(url, plain('<xml/>', { timestamp: late }))],
    ['unauthorized', 'that is encrypted, where no key is set', (url) => post(url, sealed('<xml/>'))],
    ['unauthorized', 'that comes without a signature', (url) => post(url, { query: {}, body: '<xml/>' })],
    ['unreadable', 'that is too large', (url) => post(url, plain('x'.repeat(256 * 1024 + 1)))],
    ['malformed', 'whose XML is none', (url) => post(url, plain('no XML'))],
  ];

  test.each(kinds)('is %s for one %s', async (word, _, send) => {
    const { url, lines } = await receiver;
    const [before, from] = [await counted(), lines.length];
    await send(url);
    const after = await counted();
    expect(Object.keys(after).filter((name) => after[name] !== before[name])).toEqual([word]);
    // Each refusal is one the log has not named yet: from the second on they are merged.
    const said = lines.slice(from).map(({ event }) => event);
    expect(said.filter((event) => event.startsWith('push.'))).toEqual([`push.${word}`]);
  });

  test('is rejected in its trace too', async () => {
    expect(await harness.trace(openid, '2')).toEqual([expect.stringMatching(/^rejected: /)]);
    expect(JSON.stringify((await receiver).lines)).not.toContain(ACCOUNT.token);
  });
});
