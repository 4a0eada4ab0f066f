#!/usr/bin/env bash
# ioredis 6.0.0 with Redis 7.0: where the server refuses the SELECT of the database that the URL names, the client goes on in
# database 0.
# Seen: an 'error' event ("ERR DB index is out of range"; with an ACL without SELECT: NOPERM), then 'ready', and every command runs
# in database 0. Expected: no connection.
# Why it matters: redis://host/5 means that something else lives in database 0. Whoever only logs 'error' events, as a client that
# reconnects by itself invites, writes into it: one digit too many in a URL, or a managed Redis with one database alone.
# Needs redis-server on the PATH. Exits with 1 if the behaviour changes.
set -euo pipefail
dir=$(mktemp -d)
port=$((20000 + RANDOM % 10000))
redis-server --port "$port" --dir "$dir" --save '' --daemonize yes --pidfile "$dir/pid" >/dev/null
trap 'kill "$(cat "$dir/pid")"; rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm i --silent --no-audit --no-fund ioredis@6.0.0 >/dev/null
cat > run.mjs <<'JS'
import { Redis } from 'ioredis';
const port = process.argv[2];
const errors = [];
const admin = new Redis(`redis://127.0.0.1:${port}`);
await admin.call('ACL', 'SETUSER', 'app', 'on', '>secret', '~*', '+@all', '-select');
let same = true;
for (const [what, url] of [
  ['a database that is not there', `redis://127.0.0.1:${port}/99`],
  ['a user without SELECT', `redis://app:secret@127.0.0.1:${port}/5`],
]) {
  await admin.flushall();
  const redis = new Redis(url);
  redis.on('error', ({ message }) => errors.push(message));
  await redis.set('written', 'by mistake').catch(() => undefined);
  redis.disconnect();
  const inZero = await admin.get('written');
  console.log(`${what}: error event ${JSON.stringify(errors.pop())}; in database 0: ${inZero}`);
  same &&= inZero === 'by mistake';
}
admin.disconnect();
process.exit(same ? 0 : 1);
JS
node run.mjs "$port"
