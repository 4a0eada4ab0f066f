import { createRequire } from 'node:module';
import { cpus, release, totalmem } from 'node:os';

const version = (name, from) => {
  const require = createRequire(new URL(from, import.meta.url));
  // Not every package exports its package.json, so it is looked for where the package is.
  for (const folder of require.resolve.paths(name)) {
    try {
      return require(`${folder}/${name}/package.json`).version;
    } catch {}
  }
  return '?';
};

/** Where these figures come from: without it they mean nothing. */
export function describeMachine(redisVersion) {
  const [cpu] = cpus();
  const ours = ['koa', 'bullmq', 'ioredis', 'fast-xml-parser', 'undici'];
  const packages = [...ours.map((name) => `${name} ${version(name, '../../package.json')}`)];
  packages.push(`co-wechat ${version('co-wechat', '../peers/package.json')}`);
  return [
    `${cpus().length} × ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${release()}`,
    `node ${process.version}, redis-server ${redisVersion} (appendfsync always), wxrelay ${createRequire(import.meta.url)('../../package.json').version}`,
    packages.join(', '),
  ].join('\n');
}
