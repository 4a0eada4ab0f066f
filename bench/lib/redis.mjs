import { Redis } from 'ioredis';
import { findOnPath } from '../../dist/src/cli/embedded-redis.js';
import { startChild } from './child.mjs';
import { atEnd } from './cleanup.mjs';
import { cpuMicros } from './cpu.mjs';
import { MAIN } from './wxrelay.mjs';

export const redisProgram = () => findOnPath(['valkey-server', 'redis-server']);

/**
 * The Redis that `wxrelay start` brings: on disk, fsynced at every write, ending when we end. Each thing measured has a
 * database of its own.
 */
export async function startRedis(dir) {
  const server = await startChild([MAIN, 'redis'], { dir, name: 'redis', env: { WXRELAY_DATA_DIR: dir } });
  atEnd(() => server.stop());
  const { url } = server.ready;
  const admin = new Redis(url, { maxRetriesPerRequest: null });
  atEnd(() => admin.disconnect());
  // A rewrite of the file in the middle of a round would be measured with it.
  await admin.config('SET', 'auto-aof-rewrite-percentage', '0');
  const info = async (section, field) =>
    new RegExp(`^${field}:(.*?)\\r?$`, 'm').exec(await admin.info(section))?.[1] ?? '';
  const pid = Number(await info('server', 'process_id'));
  const databases = new Map();
  return {
    version: (await info('server', 'valkey_version')) || (await info('server', 'redis_version')),
    cpu: () => cpuMicros(pid),
    usedMemory: async () => Number(await info('memory', 'used_memory')),
    /** The address of a database, and a client of it. */
    database(name) {
      const known = databases.get(name);
      if (known) return known;
      const database = { url: `${url}/${databases.size + 1}` };
      database.client = new Redis(database.url, { maxRetriesPerRequest: null });
      atEnd(() => database.client.disconnect());
      databases.set(name, database);
      return database;
    },
  };
}
