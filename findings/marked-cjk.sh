#!/bin/sh
# marked 18.2.1 (GFM): what it makes of addresses, ranges and emphasis in Chinese text.
#
# Behaviour: a bare address goes on to the next space, so it takes the full stop and the sentence behind it; `3~5天，8~10天`,
# two ranges as Chinese writes them, is struck out from the first sign to the second; `~~删除。~~后` and `**加粗。**后`, where a
# stop stands before the closing signs and a letter behind them, keep their signs.
#
# Seen: <a href="https://a.com/x%E3%80%82%E5%90%8E%E9%9D%A2">https://a.com/x。后面</a>
#       3<del>5天，8</del>10天
#       ~~删除。~~后
#       **加粗。**后
#
# Why it matters: a model answers in Chinese without spaces, and its links lead nowhere, its numbers look withdrawn, its emphasis
# shows as stars. Who renders Chinese Markdown with marked needs a `url`, a `del` and an `emStrong` of their own.
#
# Exits with 1 if marked behaves otherwise.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm i --silent marked@18.2.1 >/dev/null
cat >check.mjs <<'JS'
import assert from 'node:assert/strict';
import { marked } from 'marked';
const seen = ['看 https://a.com/x。后面', '3~5天，8~10天', '~~删除。~~后', '**加粗。**后'].map((text) => marked.parseInline(text));
console.log(seen.join('\n'));
assert.deepEqual(seen, [
  '看 <a href="https://a.com/x%E3%80%82%E5%90%8E%E9%9D%A2">https://a.com/x。后面</a>',
  '3<del>5天，8</del>10天',
  '~~删除。~~后',
  '**加粗。**后',
]);
JS
node check.mjs
