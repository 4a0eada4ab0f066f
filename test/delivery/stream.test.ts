import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ParagraphOptions, paragraphs } from '../../src/delivery/stream.ts';

async function all(deltas: AsyncIterable<string> | Iterable<string>, options?: ParagraphOptions): Promise<string[]> {
  const messages: string[] = [];
  for await (const message of paragraphs(deltas, options)) messages.push(message);
  return messages;
}

const sentence = '这是一个完整的句子，它说了一件事情。';
const paragraph = `${sentence.repeat(3)}\n\n`;
const characters = (text: string) => Array.from(text);

describe('a stream becomes paragraphs', () => {
  test('the first as soon as it is there', async () => {
    let read = 0;
    async function* model() {
      for (const delta of characters(paragraph.repeat(20))) {
        read++;
        yield delta;
      }
    }
    const first = await paragraphs(model()).next();
    expect(first.value).toBe(paragraph);
    expect(read).toBe(paragraph.length);
  });

  test('a long one as soon as a sentence has ended and the next has begun', async () => {
    let read = 0;
    function* model() {
      for (const delta of characters(`${'字'.repeat(600)}。${'字'.repeat(600)}`)) {
        read++;
        yield delta;
      }
    }
    const first = await paragraphs(model()).next();
    expect(first.value).toBe(`${'字'.repeat(600)}。`);
    expect(read).toBe(602);
  });

  test('of ten thousand deltas at most five, or as many as there may be, and nothing is lost', async () => {
    const deltas = Array.from({ length: 10_000 }, (_, n) => (n % 40 === 39 ? '。\n\n' : '字'));
    for (const parts of [1, 2, 3, 4, 5, 9]) {
      const messages = await all(deltas, { parts });
      expect(messages).toHaveLength(parts);
      expect(messages.join('').trimEnd()).toBe(deltas.join('').trimEnd());
    }
    expect(await all(deltas)).toHaveLength(5);
  });

  test('a short answer is one', async () => {
    expect(await all(['你', '好', '\n\n', '世界'])).toEqual(['你好\n\n世界']);
    expect(await all(['a', '\n', '\n'])).toEqual(['a\n\n']);
  });

  test('of nothing, or nothing but space, none', async () => {
    expect(await all([])).toEqual([]);
    expect(await all(['', ' \n', '\n\n'])).toEqual([]);
  });

  test('one without paragraphs is cut after a sentence, with its quotes', async () => {
    const said = `他说：“${sentence.repeat(4)}”`;
    const messages = await all(characters(said.repeat(40)));
    expect(messages).toHaveLength(5);
    for (const message of messages) expect(message).toMatch(/[。”]$/);
    for (const message of messages.slice(1)) expect(message).not.toMatch(/^[”。]/);
    const english = 'This is one sentence, no. 1 of many at v1.2. ';
    const cut = await all(characters(english.repeat(200)));
    expect(cut.length).toBeGreaterThan(1);
    for (const message of cut.slice(0, -1)) expect(message).toMatch(/[.!?]$/);
    // Not one sentence each, with all the rest in the last.
    for (const message of [...messages, ...cut.slice(0, -1)]) expect(Buffer.byteLength(message)).toBeGreaterThan(800);
  });

  test('an error of the model is the handler’s, after what had come', async () => {
    async function* model() {
      yield paragraph;
      throw new Error('overloaded');
    }
    const stream = paragraphs(model());
    expect((await stream.next()).value).toBe(paragraph);
    await expect(stream.next()).rejects.toThrow('overloaded');
  });

  test('who stops reading stops the model', async () => {
    let closed = false;
    async function* model() {
      try {
        for (;;) yield paragraph;
      } finally {
        closed = true;
      }
    }
    for await (const _ of paragraphs(model())) break;
    expect(closed).toBe(true);
  });

  test.each([0, -1, 1.5, Number.NaN])('%d parts are a mistake', async (parts) => {
    await expect(all(['a'], { parts })).rejects.toThrow(/at least one/);
  });
});

describe('is never cut', () => {
  const fenced = `\`\`\`js\nconst a = 1;\n\n${'// 一行。\n\n'.repeat(300)}\`\`\``;

  test('inside a code block', async () => {
    const messages = await all(characters(`${paragraph}${fenced}\n\n${paragraph.repeat(30)}`), { parts: 4 });
    expect(messages.length).toBeGreaterThan(2);
    for (const message of messages) expect((message.match(/^```/gm)?.length ?? 0) % 2).toBe(0);
  });

  test.each([
    ['a link', '[一个链接。看看。](https://a.com/。b。c)'],
    ['an anchor', '<a href="https://a.com/。">看这里。好。</a>'],
    ['code', '`a。b。c。`'],
    ['a bare address', 'https://a.com/a?b.c!d'],
    ['emphasis', '**重点。重点。**'],
  ])('inside %s', async (_, whole) => {
    for (let offset = 0; offset < 20; offset++) {
      const given = `${'字'.repeat(500 + offset)}${`${'字'.repeat(7)}${whole}`.repeat(90)}`;
      const messages = await all(characters(given));
      expect(messages.join('')).toBe(given);
      for (const message of messages) expect(message.split(whole).join('')).toMatch(/^字*$/);
    }
  });
});

test('whatever comes, in whatever pieces: at most so many, whole, and every one says something', async () => {
  const pieces = fc.constantFrom(
    '字',
    '。',
    '！”',
    '\n',
    '\n\n',
    '```',
    '`',
    '[x](',
    ')',
    '**',
    ' ',
    'word. ',
    '你好。'.repeat(60),
    '😀',
    '\r\n',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(pieces, { maxLength: 80 }), fc.integer({ min: 1, max: 6 }), async (deltas, parts) => {
      const whole = deltas.join('');
      const messages = await all(deltas, { parts });
      const joined = messages.join('');
      expect(messages.length).toBeLessThanOrEqual(parts);
      expect(messages.every((message) => message.trim() !== '')).toBe(true);
      expect(whole.startsWith(joined)).toBe(true);
      expect(whole.slice(joined.length).trim()).toBe('');
    }),
    { numRuns: 500 },
  );
});
