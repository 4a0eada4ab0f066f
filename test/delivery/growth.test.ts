// The work of Markdown grows with the length of a text, not with the square of it.
import { describe, expect, test } from 'vitest';
import { wechatText } from '../../src/delivery/markdown.ts';
import { markdownHtml } from '../../src/delivery/markdown-html.ts';
import { paragraphs } from '../../src/delivery/stream.ts';
import { COSTLY } from './texts.ts';

const [SHORT, LONG] = [4_000, 32_000];
/** Eight times the text is eight times the work; 64 times would be its square. Processor time, of which the least of some counts. */
const MOST = 30;
/** Milliseconds below which nothing is to be learned from a ratio. */
const NOTHING = 100;

async function work(make: () => unknown, tries: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let n = 0; n < tries; n++) {
    const before = process.cpuUsage();
    await make();
    least = Math.min(least, process.cpuUsage(before).user / 1000);
  }
  return least;
}

const growth = async (make: (length: number) => unknown): Promise<number> => {
  const long = await work(() => make(LONG), 1);
  if (long < NOTHING) return 0;
  return (await work(() => make(LONG), 2)) / Math.max(await work(() => make(SHORT), 3), NOTHING / MOST);
};

describe('the work grows with the text', () => {
  test.each(COSTLY)('%s', async (_, text) => {
    expect(await growth((length) => wechatText(text(length)))).toBeLessThan(MOST);
    expect(await growth((length) => markdownHtml(text(length)))).toBeLessThan(MOST);
  });

  test.each(['[。', '**。', '<a 。', '[a](。', 'http://。', '`。', '| 。'])(
    'in a stream too, a sign at a time: %s',
    async (sign) => {
      const read = async (length: number) => {
        let characters = 0;
        for await (const one of paragraphs(sign.repeat(length / sign.length))) characters += one.length;
        return characters;
      };
      expect(await growth(read)).toBeLessThan(MOST);
    },
  );

  test('nothing of the largest is lost', async () => {
    const words = Array.from({ length: 30_000 }, (_, n) => `**第${n}** _a_`).join(' ');
    expect(wechatText(words).match(/第\d+/g)).toHaveLength(30_000);
    expect((await markdownHtml(words)).match(/第\d+/g)).toHaveLength(30_000);
  });
});
