import { Redis } from 'ioredis';
import { expect, inject, test } from 'vitest';
import { connectWorker } from '../../src/store/connection.ts';
import { eventually } from '../helpers/eventually.ts';
import { createRedisServer } from '../helpers/redis-server.ts';

test.skipIf(!inject('realRedis'))(
  'where Redis refuses the database of its URL, a connection waits, and writes to no other',
  async (t) => {
    const server = await createRedisServer();
    t.onTestFinished(() => server.close());
    const admin = new Redis(server.url);
    t.onTestFinished(() => admin.disconnect());
    await admin.acl('SETUSER', 'wx', 'on', '>secret', '~*', '+@all', '-select');
    const told: string[] = [];
    const redis = connectWorker(`${server.url.replace('//', '//wx:secret@')}/5`, ({ message }) => told.push(message));
    t.onTestFinished(() => redis.disconnect());
    const writing = redis.set('key', 'value');
    await eventually(() => expect(told.length).toBeGreaterThan(1));
    expect(told[0]).toContain("'select'");
    expect(await admin.dbsize()).toBe(0);
    await admin.acl('SETUSER', 'wx', '+select');
    await writing;
    expect(await admin.dbsize()).toBe(0);
    await admin.select(5);
    expect(await admin.get('key')).toBe('value');
  },
);
