import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { adviceOnTls } from '../../src/store/tls-advice.ts';
import { freePort } from '../helpers/ports.ts';
import { createRedisServer } from '../helpers/redis-server.ts';
import { runHere } from '../helpers/run-here.ts';

const cut = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });

test.skipIf(!inject('realRedis'))(
  'redis:// to a TLS port, rediss:// to a plain one, and an unknown authority',
  async (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'wxrelay-tls-'));
    const [key, certificate] = [join(dir, 'key.pem'), join(dir, 'certificate.pem')];
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=localhost', '-keyout', key, '-out', certificate],
      { stdio: 'ignore' },
    );
    const tlsPort = await freePort();
    const server = await createRedisServer([
      ...[
        '--tls-port',
        `${tlsPort}`,
        '--tls-auth-clients',
        'no',
        '--tls-key-file',
        key,
        '--tls-cert-file',
        certificate,
      ],
    ]);
    t.onTestFinished(async () => {
      await server.close();
      rmSync(dir, { recursive: true, force: true });
    });
    const toTls = `redis://:hush-hush@127.0.0.1:${tlsPort}`;
    const { output, code } = await runHere(['queue', 'list'], { REDIS_URL: toTls }, dir);
    expect(output).toMatch(/this port speaks TLS: write rediss:\/\//);
    expect([code, output.includes('hush')]).toEqual([1, false]);
    const toPlain = server.url.replace('redis:', 'rediss:');
    const plain = await runHere(['queue', 'list'], { REDIS_URL: toPlain }, dir);
    expect(plain.output).toMatch(/this port speaks no TLS: write redis:\/\//);
    const right = await runHere(['queue', 'list'], { REDIS_URL: `rediss://127.0.0.1:${tlsPort}` }, dir);
    expect(right.output).toMatch(/certificate is signed by itself: set NODE_EXTRA_CA_CERTS/);
    expect(await adviceOnTls(server.url, cut)).toBeUndefined();
    expect(await adviceOnTls(`rediss://127.0.0.1:${tlsPort}`, cut)).toBeUndefined();
  },
);
