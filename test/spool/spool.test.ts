import { appendFileSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, type TestContext, test } from 'vitest';
import { SpoolFullError } from '../../src/spool/spool.ts';
import {
  createNotes,
  createRoot,
  drain,
  filesIn,
  mountSmallDisk,
  numbers,
  pretendDead,
  segmentsIn,
} from './helpers.ts';

/** Appends, and leaves the files as a killed process would. */
async function abandon(t: TestContext, root: string, notes: readonly number[], options = {}) {
  const { spool } = createNotes(t, root, options);
  await Promise.all(notes.map((n) => spool.append({ n, text: '你好\n"]]>' })));
  pretendDead(root);
}

describe('a record', () => {
  test('comes back as it was, in order, and leaves nothing on disk', async (t) => {
    const root = createRoot(t);
    const { spool } = createNotes(t, root);
    const texts = ['', '你好 😀', 'a\nb\r\n', '\u2028 \u0000 "', '= 00000001 00000000 x\n'];
    for (const [n, text] of texts.entries()) await spool.append({ n, text });
    const seen: unknown[] = [];
    await spool.replay(async (notes) => void seen.push(...notes));
    expect(seen).toEqual(texts.map((text, n) => ({ n, text })));
    expect(spool.isEmpty).toBe(true);
    await spool.tidy();
    expect(filesIn(root)).toEqual([]);
  });

  test('is in a file that only its user can read, by the time its append resolves', async (t) => {
    const root = createRoot(t);
    const { spool } = createNotes(t, root);
    await spool.append({ n: 1, text: 'private words' });
    const files = filesIn(root);
    expect(
      segmentsIn(root)
        .map((path) => readFileSync(path, 'utf8'))
        .join(),
    ).toContain('private words');
    expect(files.map((path) => statSync(path).mode & 0o077)).toEqual(files.map(() => 0));
  });

  test('of a thousand that are appended at once keeps its place', async (t) => {
    const { spool } = createNotes(t, createRoot(t), { segmentSize: 5000 });
    const settled: number[] = [];
    await Promise.all(numbers(1000).map((n) => spool.append({ n }).then(() => settled.push(n))));
    expect(settled).toEqual(numbers(1000));
    expect(await drain(spool)).toEqual(numbers(1000));
  });

  test('that is appended while others are replayed comes after them', async (t) => {
    const { spool } = createNotes(t, createRoot(t), { segmentSize: 3000 });
    await Promise.all(numbers(300).map((n) => spool.append({ n })));
    const seen: number[] = [];
    let more = 300;
    const send = async (notes: { n: number }[]) => {
      seen.push(...notes.map(({ n }) => n));
      if (more < 900) await Promise.all(numbers(50, more).map((n) => spool.append({ n })));
      more += 50;
    };
    await spool.replay(send);
    expect(seen).toEqual(numbers(900));
  });
});

describe('replaying', () => {
  test('goes on where it failed, with the same chunk, also in another process', async (t) => {
    const root = createRoot(t);
    const first = createNotes(t, root).spool;
    await Promise.all(numbers(250).map((n) => first.append({ n })));
    const seen: number[] = [];
    const failing = async (notes: { n: number }[]) => {
      if (seen.length > 0) throw new Error('Redis is away');
      seen.push(...notes.map(({ n }) => n));
    };
    await expect(first.replay(failing)).rejects.toThrow('Redis is away');
    expect(seen).toEqual(numbers(100));
    expect(first.isEmpty).toBe(false);
    await first.close();
    const second = createNotes(t, root);
    expect(await second.spool.adopt()).toBe(true);
    expect(await drain(second.spool)).toEqual(numbers(150, 100));
    await second.spool.close();
    expect(filesIn(root)).toEqual([]);
  });

  test('ends at a torn tail: what was being written when the process died was never acked', async (t) => {
    const root = createRoot(t);
    await abandon(t, root, numbers(10));
    const [segment = ''] = segmentsIn(root);
    writeFileSync(segment, readFileSync(segment).subarray(0, -7));
    const { spool, events } = createNotes(t, root);
    await spool.adopt();
    expect(await drain(spool)).toEqual(numbers(9));
    expect(events('spool.torn_tail')).toHaveLength(1);
    expect(events('spool.damaged')).toEqual([]);
  });

  test.for<[string, (at: number) => number]>([
    ['in its words', (at) => at + 25],
    ['in its length', (at) => at + 5],
    ['in its checksum', (at) => at + 14],
    ['in its first byte', (at) => at],
  ])('skips a record with a flipped byte %s, says where it is, and goes on with the next', async ([, where], t) => {
    for (const damaged of [0, 4, 9]) {
      const root = createRoot(t);
      await abandon(t, root, numbers(10));
      const [segment = ''] = segmentsIn(root);
      const bytes = readFileSync(segment);
      const offset = (bytes.length / 10) * damaged;
      bytes[where(offset)]! ^= 1;
      writeFileSync(segment, bytes);
      const { spool, events } = createNotes(t, root);
      await spool.adopt();
      expect(await drain(spool)).toEqual(numbers(10).filter((n) => n !== damaged));
      expect(events('spool.damaged')).toEqual([expect.objectContaining({ level: 50, offset })]);
    }
  });

  test('skips a damaged record in front of a torn tail, and reports both', async (t) => {
    const root = createRoot(t);
    await abandon(t, root, [1, 2]);
    const [segment = ''] = segmentsIn(root);
    const bytes = readFileSync(segment);
    bytes[bytes.length - 10]! ^= 1;
    writeFileSync(segment, bytes);
    appendFileSync(segment, '= 000000');
    const { spool, events } = createNotes(t, root);
    await spool.adopt();
    expect(await drain(spool)).toEqual([1]);
    expect([events('spool.damaged').length, events('spool.torn_tail').length]).toEqual([1, 1]);
  });
});

describe('the bound', () => {
  test('is an error once it is reached, and none any more when the records have been replayed', async (t) => {
    const { spool, events } = createNotes(t, createRoot(t), { limit: 1000 });
    const kept: number[] = [];
    const results = await Promise.allSettled(numbers(100).map((n) => spool.append({ n }).then(() => kept.push(n))));
    const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    expect(kept.length).toBeGreaterThan(10);
    expect(errors.length).toBe(100 - kept.length);
    for (const error of errors) expect(error).toBeInstanceOf(SpoolFullError);
    expect(events('spool.full')).toHaveLength(1);
    expect(await drain(spool)).toEqual(kept);
    await spool.tidy();
    await spool.append({ n: 100 });
    expect(await drain(spool)).toEqual([100]);
  });

  test('of the disk is an error too, after which there is nothing half-written, and what was kept is still there', async (t) => {
    const root = createRoot(t);
    if (!mountSmallDisk(t, root)) return t.skip('needs the right to mount a small tmpfs');
    const { spool } = createNotes(t, root);
    const kept: number[] = [];
    const text = 'x'.repeat(1000);
    const append = (n: number) =>
      spool.append({ n, text }).then(
        () => kept.push(n),
        (error) => expect(error).toMatchObject({ code: 'ENOSPC' }),
      );
    for (const n of numbers(200)) await append(n);
    expect(kept.length).toBeGreaterThan(10);
    expect(kept.length).toBeLessThan(200);
    expect(await drain(spool)).toEqual(kept);
    await spool.tidy();
    kept.length = 0;
    for (const n of numbers(20)) await append(n);
    expect(kept).toEqual(numbers(20));
    expect(await drain(spool)).toEqual(kept);
  });

  test('of the disk leaves nothing that was refused to whoever adopts it', async (t) => {
    const root = createRoot(t);
    if (!mountSmallDisk(t, root)) return t.skip('needs the right to mount a small tmpfs');
    const { spool } = createNotes(t, root);
    const text = 'x'.repeat(1000);
    const kept = numbers(50);
    for (const n of kept) await spool.append({ n, text });
    // One write, of which the disk takes the first records.
    const group = await Promise.allSettled(numbers(100, 50).map((n) => spool.append({ n, text })));
    expect(new Set(group.map(({ status }) => status))).toEqual(new Set(['rejected']));
    const filler = join(root, 'filler');
    expect(() => writeFileSync(filler, Buffer.alloc(200_000))).toThrow('ENOSPC');
    // Though it cannot say any more that it has ended.
    await spool.close();
    rmSync(filler);
    pretendDead(root);
    const { spool: heir, events } = createNotes(t, root);
    expect(await heir.adopt()).toBe(true);
    expect(await drain(heir)).toEqual(kept);
    expect(events('spool.torn_tail')).toEqual([]);
  });

  test('where nothing can be written is known before a push comes', async (t) => {
    const root = createRoot(t);
    writeFileSync(root, 'a file stands where the directory should be');
    const { spool } = createNotes(t, root);
    expect(await spool.isWritable()).toBe(false);
    await expect(spool.append({ n: 1 })).rejects.toThrow();
    rmSync(root);
    expect(await spool.isWritable()).toBe(true);
    await spool.append({ n: 2 });
    expect(await drain(spool)).toEqual([2]);
  });
});

describe('a directory', () => {
  test('of a dead process is adopted by one of those that try, and erased when it is replayed', async (t) => {
    const root = createRoot(t);
    await abandon(t, root, numbers(20));
    const heirs = [1, 2, 3, 4].map(() => createNotes(t, root));
    const adopted = await Promise.all(heirs.map(({ spool }) => spool.adopt()));
    expect(adopted.filter(Boolean)).toHaveLength(1);
    expect((await Promise.all(heirs.map(({ spool }) => drain(spool)))).flat()).toEqual(numbers(20));
    expect(heirs.flatMap(({ events }) => events('spool.adopted'))).toHaveLength(1);
    await Promise.all(heirs.map(({ spool }) => spool.close()));
    expect(filesIn(root)).toEqual([]);
  });

  test('whose heir died too is adopted with what that had, the oldest first', async (t) => {
    const root = createRoot(t);
    for (const generation of [0, 1, 2]) {
      const { spool } = createNotes(t, root);
      await spool.adopt();
      await spool.append({ n: generation });
      pretendDead(root);
    }
    const { spool } = createNotes(t, root);
    await spool.adopt();
    expect(await drain(spool)).toEqual([0, 1, 2]);
    await spool.close();
    expect(filesIn(root)).toEqual([]);
  });

  test('of a process that lives, or of another installation, is left alone', async (t) => {
    const root = createRoot(t);
    const { spool: living } = createNotes(t, root);
    await living.append({ n: 1 });
    const other = createNotes(t, root, { scope: 'another' });
    const heir = createNotes(t, root);
    expect([await other.spool.adopt(), await heir.spool.adopt()]).toEqual([false, false]);
    pretendDead(root);
    expect(await other.spool.adopt()).toBe(false);
    expect(await heir.spool.adopt()).toBe(true);
  });

  test('of another machine is adopted once it has been silent for half a minute, not before', async (t) => {
    const root = createRoot(t);
    const { spool: far } = createNotes(t, root);
    await far.append({ n: 1 });
    const [alive = ''] = filesIn(root).filter((path) => path.endsWith('/alive'));
    const owner = JSON.parse(readFileSync(alive, 'utf8'));
    writeFileSync(alive, JSON.stringify({ ...owner, host: 'far away', pid: 2 ** 22 + 1 }));
    const { spool } = createNotes(t, root);
    const silentFor = (seconds: number) => utimesSync(alive, new Date(), new Date(Date.now() - seconds * 1000));
    silentFor(20);
    expect(await spool.adopt()).toBe(false);
    silentFor(31);
    expect(await spool.adopt()).toBe(true);
    expect(await drain(spool)).toEqual([1]);
  });

  test('that was taken from a process which only slept is not written to any more: the record goes to a new one', async (t) => {
    const root = createRoot(t);
    const { spool: sleeper, events } = createNotes(t, root);
    await sleeper.append({ n: 1 });
    pretendDead(root);
    const { spool: heir } = createNotes(t, root);
    await heir.adopt();
    const before = await drain(heir);
    await sleeper.append({ n: 2 });
    expect(events('spool.lost')).toHaveLength(1);
    expect([before, await drain(sleeper), await drain(heir)]).toEqual([[1], [2], []]);
  });

  test('that somebody deleted loses what was in it, and is replaced', async (t) => {
    const root = createRoot(t);
    const { spool } = createNotes(t, root);
    await spool.append({ n: 1 });
    rmSync(dirname(root), { recursive: true });
    await spool.append({ n: 2 });
    expect(await drain(spool)).toEqual([2]);
    rmSync(join(root), { recursive: true });
    await spool.append({ n: 3 });
    expect(await drain(spool)).toEqual([3]);
  });
});
