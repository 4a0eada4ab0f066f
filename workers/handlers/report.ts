import { setTimeout as sleep } from 'node:timers/promises';
import { handler } from 'wxrelay';

const STEPS = ['collecting 收集', 'sorting 整理', 'counting 统计', 'drawing 绘图', 'writing 撰写'];

/** A slow task, twice as long as WeChat waits: put a language model, a database report or a render in its place. */
export default handler({
  name: 'report',
  on: 'text',
  match: /^(?:report|报告)$/i,
  reply: '正在生成报告，大约十秒… Working on it, about ten seconds…',
  async run({ signal, attempt }) {
    const started = Date.now();
    for (const _ of STEPS) await sleep(2000, undefined, { signal });
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    return `报告完成，用时 ${seconds} 秒。Report done in ${seconds} s (attempt ${attempt}):\n${STEPS.map((step) => `✓ ${step}`).join('\n')}`;
  },
});
