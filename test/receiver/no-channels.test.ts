// A user of Redis who may do everything but listen, as Redis 7 makes them by default.
import { Redis } from 'ioredis';
import { inject, test } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { createRedisServer } from '../helpers/redis-server.ts';
import { createWorld } from '../helpers/world.ts';

test.skipIf(!inject('realRedis'))(
  'without the right to SUBSCRIBE everything works, is said once, and opens no connection again and again',
  async (t) => {
    const server = await createRedisServer();
    t.onTestFinished(() => server.close());
    const admin = new Redis(server.url);
    t.onTestFinished(() => admin.disconnect());
    await admin.call('ACL', 'SETUSER', 'wx', 'on', '>secret', '~*', '+@all', 'resetchannels');
    const redisUrl = server.url.replace('redis://', 'redis://wx:secret@');
    const world = await createWorld({ redisUrl, env: { WECHAT_CUSTOMER_SERVICE: 'off' } });
    t.onTestFinished(() => world.close());
    const [receiver] = await Promise.all([world.start('receiver'), world.start('worker')]);
    const openid = 'oNoChannels'.padEnd(28, '0');
    const { attempts } = await world.push({ openid, text: 'slow 100 quiet' });
    t.expect(attempts.at(-1)?.body).toContain('done quiet');
    t.expect(receiver.events('nudges.refused')).toHaveLength(1);
    const clients = async () => String(await admin.client('LIST')).split('\n').length;
    const before = await clients();
    await world.push({ openid, text: 'hi' });
    await eventually(async () => t.expect(await clients()).toBeLessThanOrEqual(before));
    receiver.kill('SIGTERM');
    t.expect(await receiver.ended).toBe(0);
  },
);
