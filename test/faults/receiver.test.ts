// The receiver: killed with a full spool, with a bad disk, with copies of what it had, and with bodies meant to hurt it. Rows 3, 11, 12, 16, 18.
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'vitest';
import { pushToReceiver } from '../../src/simulator/push.ts';
import { buildPush, newMsgId } from '../../src/simulator/push-xml.ts';
import { eventually } from '../helpers/eventually.ts';
import { filesIn, mountSmallDisk, segmentsIn } from '../spool/helpers.ts';
import { HOSTILE } from './hostile.ts';
import { ACCOUNT } from './load.ts';
import { createSite, KEPT, row } from './site.ts';

row('when the receiver is in trouble', () => {
  test('3. a receiver is killed with a full spool, twice; the next one replays all of it', async (t) => {
    const { server, world, spool, load, faultEnds, verdict } = await createSite(t);
    let [receiver] = await Promise.all([world.start('receiver'), world.start('worker')]);
    load({ rate: 40 });
    await sleep(2000);
    await server.kill('SIGKILL');
    for (let kills = 0; kills < 2; kills++) {
      await sleep(3000);
      t.expect(segmentsIn(spool)).not.toEqual([]);
      receiver.kill('SIGKILL');
      await receiver.ended;
      receiver = await world.start('receiver');
    }
    await sleep(2000);
    await server.start();
    faultEnds();
    await sleep(3000);
    const figures = await verdict('3 receiver killed twice, Redis away');
    t.expect(figures).toMatchObject({ ...KEPT, repeated: 0 });
    t.expect(receiver.events('spool.adopted')).toHaveLength(1);
    await eventually(() => t.expect(filesIn(spool)).toEqual([]));
  });

  test('11. Redis is away and the disk is full: refused with 500, never acked', async (t) => {
    const { server, world, spool, load, faultEnds, verdict } = await createSite(t);
    if (!mountSmallDisk(t, spool)) return t.skip('needs the right to mount a small tmpfs');
    await Promise.all([world.start('receiver'), world.start('worker')]);
    // Long words fill the disk sooner.
    const { sayings } = load({ rate: 40, write: (n) => `work 5 n${n}-${'x'.repeat(1000)}` });
    await sleep(1000);
    await server.kill('SIGKILL');
    // Each attempt waits 4.5 s for either to come back, and there are three.
    await sleep(18_000);
    await server.start();
    faultEnds();
    await sleep(3000);
    const figures = await verdict('11 disk full, Redis away');
    // Each attempt is held for 4.5 s, so that one in a crowd may well run into the five.
    t.expect(figures).toMatchObject({ lost: 0, outOfOrder: 0, repeated: 0 });
    t.expect(figures.refused).toBeGreaterThan(20);
    const answers = new Set(sayings.flatMap(({ attempts }) => attempts.map(({ status }) => status)));
    t.expect(answers).toContain(500);
  });

  test('12. of a spool with a torn tail and a flipped byte, all but the flipped record is replayed, and that is reported', async (t) => {
    const { server, world, spool, load, faultEnds, verdict } = await createSite(t);
    const first = await world.start('receiver');
    await server.kill('SIGKILL');
    const { users, say } = load({ rate: 0 });
    for (const openid of users.slice(0, 100)) for (let n = 0; n < 2; n++) await say(openid);
    first.kill('SIGKILL');
    await first.ended;
    const [segment = ''] = segmentsIn(spool);
    const bytes = readFileSync(segment);
    const flipped = bytes.indexOf('work 5 n1', bytes.length / 2);
    bytes[flipped] = bytes.readUInt8(flipped) ^ 1;
    // The head of a record, as it is when a process dies while it writes.
    writeFileSync(segment, Buffer.concat([bytes, bytes.subarray(0, 50)]));
    await server.start();
    faultEnds();
    const [second] = await Promise.all([world.start('receiver'), world.start('worker')]);
    await eventually(() => t.expect(second.events('spool.replayed')).toHaveLength(1));
    const figures = await verdict('12 torn spool, one record flipped by us', { within: 15_000 });
    t.expect(figures).toMatchObject({ ...KEPT, lost: 1, accepted: 200, repeated: 0 });
    t.expect(second.events('spool.damaged')).toHaveLength(1);
    t.expect(second.events('spool.torn_tail')).toHaveLength(1);
  });

  test('16. three copies at once, and copies afterwards, have one effect', async (t) => {
    const { world, api, tag, load, verdict } = await createSite(t);
    await Promise.all([world.start('receiver'), world.start('worker')]);
    const { users, note } = load({ rate: 20 });
    const copied = users.slice(-50).map((openid) => {
      const msgId = newMsgId();
      return { openid, xml: buildPush({ openid, account: 'gh_0f1e2d3c4b5a', msgId }, { text: 'work 50 n1000' }) };
    });
    const push = (xml: string) => pushToReceiver({ ...ACCOUNT, receiverUrl: world.receiverUrl, xml });
    for (const { openid, xml } of copied) {
      const answers = await Promise.all([xml, xml, xml].map(push));
      t.expect(answers.map(({ answer }) => answer.kind)).toEqual(['success', 'success', 'success']);
      note({ openid, n: 1000, attempts: answers.flatMap(({ attempts }) => attempts), ackedAt: Date.now() });
    }
    await eventually(() => t.expect(api.receipts.filter(({ text }) => text === 'done n1000')).toHaveLength(50));
    for (const { xml } of copied) await push(xml);
    const figures = await verdict('16 copies, three at once and later');
    t.expect(figures).toMatchObject({ ...KEPT, refused: 0, repeated: 0 });
    // Hours later it is the claim that knows them.
    const claims = await world.redis.keys(`${tag}:claim:*`);
    const lives = await Promise.all(claims.map((key) => world.redis.ttl(key)));
    t.expect(Math.min(...lives)).toBeGreaterThan(23 * 3600);
  });

  test('18. huge, slow, cut, lying, compressed and explosive bodies are refused, and nobody else waits for them', async (t) => {
    const { world, load, verdict } = await createSite(t);
    const [receiver] = await Promise.all([world.start('receiver'), world.start('worker')]);
    load({ rate: 30 });
    const port = Number(new URL(world.receiverUrl).port);
    const attacks = HOSTILE.map(async ({ what, send, expected }) => {
      const statuses = await Promise.all(Array.from({ length: 20 }, () => send(port)));
      t.expect([what, [...new Set(statuses)]]).toEqual([what, [expected]]);
    });
    await Promise.all(attacks);
    t.expect(receiver.process.exitCode).toBeNull();
    const figures = await verdict('18 hostile bodies');
    t.expect(figures).toMatchObject({ ...KEPT, refused: 0, repeated: 0 });
  });
});
