#!/usr/bin/env bash
# bullmq 6.7.0 with ioredis 6.0.0 and Redis 7.0: where Redis answers, and refuses what a worker asks of it, the worker asks again
# without any pause.
# Seen: a worker with runRetryDelay: 5000 whose user lost the right to EVALSHA and EVAL emits thousands of 'error' events a second,
# one for each call. Expected: one every 5 s. runRetryDelay is applied where the connection fails, and not where a command does.
# Why it matters: a rename-command in redis.conf, an ACL that was changed, a replica behind the URL: the log fills, and Redis is
# asked as fast as it can answer.
# Needs redis-server on the PATH. Exits with 1 if the behaviour changes.
set -euo pipefail
dir=$(mktemp -d)
port=$((20000 + RANDOM % 10000))
redis-server --port "$port" --dir "$dir" --save '' --daemonize yes --pidfile "$dir/pid" >/dev/null
trap 'kill "$(cat "$dir/pid")"; rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm i --silent --no-audit --no-fund bullmq@6.7.0 ioredis@6.0.0 >/dev/null
cat > run.mjs <<'JS'
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
const port = process.argv[2];
const admin = new Redis(`redis://127.0.0.1:${port}`);
await admin.call('ACL', 'SETUSER', 'app', 'on', '>secret', '~*', '&*', '+@all', '-evalsha', '-eval');
const connection = new Redis(`redis://app:secret@127.0.0.1:${port}`, { maxRetriesPerRequest: null });
const worker = new Worker('queue', async () => undefined, { connection, runRetryDelay: 5000 });
let errors = 0;
let last = '';
worker.on('error', ({ message }) => {
  errors++;
  last = message;
});
await worker.waitUntilReady();
await sleep(2000);
console.log(`${errors} errors in 2 s with runRetryDelay: 5000; the last: ${last}`);
admin.disconnect();
process.exit(errors > 100 ? 0 : 1);
JS
node run.mjs "$port"
