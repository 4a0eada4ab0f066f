// The fifth: what a worker needs to make a page of an answer, and text of it for the chat.

import { wechatText } from '../../dist/src/delivery/markdown.js';
import { markdownHtml } from '../../dist/src/delivery/markdown-html.js';
import { spread } from '../lib/stats.mjs';
import { hundredths, table, whole } from '../lib/table.mjs';

const PARAGRAPH = '## 小节\n\n这是**重点**，见 [文档](https://a.com/x) 和 https://a.com/y。\n\n- 一\n- 二\n\n';
const repeated = (text, length) => text.repeat(Math.ceil(length / text.length)).slice(0, length);
const ROWS = [
  { title: 'an answer', make: (length) => repeated(PARAGRAPH, length) },
  { title: '**b** and then _a, one paragraph', make: (length) => `**b** ${repeated('_a', length)}` },
  { title: '[, one paragraph', make: (length) => repeated('[', length) },
];
const LENGTHS = [20_000, 40_000, 80_000];

/** @returns {Promise<{ title: string, length: number, page: number, text: number }[]>} */
export async function measurePages({ sizes, progress }) {
  const results = [];
  for (const { make } of ROWS) await cpuOf(() => markdownHtml(make(LENGTHS[0])), sizes.pageRounds);
  for (const { title, make } of ROWS)
    for (const length of LENGTHS) {
      progress(`page: ${title}, ${length}`);
      const markdown = make(length);
      const page = await cpuOf(() => markdownHtml(markdown), sizes.pageRounds);
      results.push({ title, length, page, text: await cpuOf(() => wechatText(markdown), sizes.pageRounds) });
    }
  return results;
}

async function cpuOf(work, rounds) {
  const times = [];
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    await work();
    times.push(process.cpuUsage(before).user / 1000);
  }
  return spread(times).median;
}

export function reportPages(results) {
  const rows = results.map(({ title, length, page, text }) => [
    title,
    whole(length),
    hundredths(page),
    hundredths((page / length) * 1000),
    hundredths(text),
  ]);
  return [
    'CPU of a page and of the text for the chat; a column per 1000 characters that stays the same is a cost that is linear',
    table(['Markdown', 'characters', 'page ms', 'page ms/1000', 'text ms'], rows),
  ].join('\n');
}
