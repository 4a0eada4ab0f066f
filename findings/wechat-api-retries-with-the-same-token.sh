#!/bin/sh
# wechat-api 1.35.1: after 40001 (the access_token is refused) the library repeats its call once, but with the token that was
# refused: it looks into its own store, where that token has not expired yet, and asks for no other.
#   Seen: calls with T1, T1; one request for a token. The caller gets 40001, until the store's clock says that T1 is over, up to
#   two hours later. co-wechat-api 3.11.0, of the same family, empties its store first.
#   Why it matters: a token that WeChat ends early (another program fetches one, the AppSecret is reset) stops such a program.
#   Whoever stands between must replace the token by itself; answering 40001 does not make this client fetch another.
# Ends with 1 if the library behaves otherwise.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund wechat-api@1.35.1
cat >try.js <<'JS'
const { createServer } = require('node:http');
const API = require('wechat-api');
let issued = 0;
const used = [];
const server = createServer((request, response) => {
  const url = new URL(request.url, 'http://x');
  response.setHeader('content-type', 'application/json');
  if (url.pathname === '/cgi-bin/token')
    return response.end(JSON.stringify({ access_token: `T${++issued}`, expires_in: 7200 }));
  used.push(url.searchParams.get('access_token'));
  response.end(JSON.stringify(used.at(-1) === 'T1' && revoked ? { errcode: 40001, errmsg: 'invalid credential' } : { total: 0 }));
});
let revoked = false;
server.listen(0, '127.0.0.1', () => {
  const api = new API('wx0123456789abcdef', 'secret');
  api.endpoint = `http://127.0.0.1:${server.address().port}`;
  api.getFollowers(() => {
    revoked = true;
    used.length = 0;
    api.getFollowers((error) => {
      console.log(`tokens issued: ${issued}; calls after the revocation: ${used.join(', ')}; the caller got ${error && error.code}`);
      server.close();
      process.exit(issued === 1 && used.join() === 'T1,T1' && error && error.code === 40001 ? 0 : 1);
    });
  });
});
JS
node try.js
