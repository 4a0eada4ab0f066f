// Pushes that wait for a handler which no worker has any more, for a deploy has renamed or removed it.
import { describe, type TestContext, test } from 'vitest';
import { startChild } from '../helpers/child.ts';
import { eventually } from '../helpers/eventually.ts';
import { createWorld } from '../helpers/world.ts';

const openid = 'oRenamed'.padEnd(28, '0');

/** A receiver that knows the handler `newer`, and a push that waits for it. */
async function open(t: TestContext) {
  const world = await createWorld();
  t.onTestFinished(() => world.close());
  await world.start('receiver', { NEWER: '1' });
  await world.push({ openid, text: 'newer x' });
  const rerouted = async (from: string, to: string) => {
    const child = startChild(['queue', 'reroute', from, to], world.env);
    return { code: await child.ended, printed: child.lines.join('\n') };
  };
  const answered = (text: string) => eventually(() => t.expect(world.sent()).toEqual([{ openid, text }]));
  return { world, rerouted, answered };
}

describe.concurrent('what waits for a handler that is gone', () => {
  test('is run by the one that names it in formerly', async (t) => {
    const { world, answered } = await open(t);
    await world.start('worker', { RENAMED: '1' });
    await answered('newest: newer x');
  });

  test('is run by the one to which an operator reroutes it', async (t) => {
    const { world, rerouted, answered } = await open(t);
    t.expect(await rerouted('newer', 'newest')).toMatchObject({
      code: 0,
      printed: t.expect.stringContaining('"newest"'),
    });
    t.expect(await rerouted('newer', 'no name')).toMatchObject({
      code: 2,
      printed: t.expect.stringContaining('no name'),
    });
    await world.start('worker');
    await answered('newest: newer x');
  });
});
