import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { splitNumbered, splitText, takePart } from '../../src/delivery/split.ts';

const LIMIT = 2048;
const size = (text: string) => Buffer.byteLength(text);
const repeat = (text: string, times: number) => Array(times).fill(text);
const graphemes = (text: string) => Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
const solid = (text: string) => text.replace(/\s+/g, '');

describe('a text that fits', () => {
  test('is one part, without the space around it', () => {
    expect(splitText('hello')).toEqual(['hello']);
    expect(splitText('\n  hello \r\n world\t')).toEqual(['hello \r\n world']);
    expect(splitText(`${'长'.repeat(682)}ab`)).toHaveLength(1);
  });

  test('of nothing but space is no part', () => {
    expect(splitText('')).toEqual([]);
    expect(splitText(' \n\t\u3000'.repeat(1000))).toEqual([]);
  });
});

describe('a text that does not fit', () => {
  test('has parts of 2048 bytes at most, not 2048 characters', () => {
    expect(splitText('x'.repeat(LIMIT + 1)).map(size)).toEqual([LIMIT, 1]);
    expect(splitText('长'.repeat(1000)).map(size)).toEqual([2046, 954]);
    expect(splitText('😀'.repeat(600)).map(size)).toEqual([LIMIT, 352]);
  });

  const words = (bytes: number) => 'word '.repeat(Math.floor(bytes / 5)).trim();
  const sentence = `${words(300)}.`;
  const line = repeat(sentence, 2).join(' ');

  test('is cut between paragraphs rather than lines', () => {
    const paragraph = repeat(line, 2).join('\n');
    expect(splitText(repeat(paragraph, 3).join('\n\n'))).toEqual(repeat(paragraph, 3));
    expect(splitText(repeat(paragraph, 3).join('\r\n \r\n'))).toEqual(repeat(paragraph, 3));
  });

  test('is cut between lines rather than sentences', () => {
    expect(splitText(repeat(line, 6).join('\n'))).toEqual(repeat(repeat(line, 3).join('\n'), 2));
    expect(splitText(repeat(line, 6).join('\r\n'))).toEqual(repeat(repeat(line, 3).join('\r\n'), 2));
  });

  test('is cut between sentences rather than words, in either script', () => {
    for (const part of splitText(repeat(sentence, 20).join(' '))) expect(part).toMatch(/word\.$/);
    const chinese = `${'长'.repeat(20)}，${'长'.repeat(20)}。`;
    for (const part of splitText(chinese.repeat(40))) expect(part).toMatch(/。$/);
  });

  test('keeps the closing quote with its sentence', () => {
    const said = `他说：“${'好'.repeat(30)}。”`;
    for (const part of splitText(said.repeat(40))) expect(part).toMatch(/^他说.*。”$/s);
    const english = `He said: "${words(100)}."`;
    for (const part of splitText(repeat(english, 40).join(' '))) expect(part).toMatch(/^He said.*\."$/s);
  });

  test('is cut between words rather than inside one, and after a comma where there are no spaces', () => {
    for (const part of splitText(words(10_000))) expect(part).toMatch(/^word( word)*$/);
    for (const part of splitText('长长长，'.repeat(500)).slice(0, -1)) expect(part).toMatch(/，$/);
  });

  test('is cut where a break begins right behind what fits', () => {
    const full = 'x'.repeat(LIMIT - 10);
    expect(splitText(`${full} 123456789\n\nnext`)).toEqual([`${full} 123456789`, 'next']);
  });

  test('is not cut at a break in the first half, which would leave short parts', () => {
    expect(splitText(`short\n\n${words(4000)}`)[0]?.length).toBeGreaterThan(LIMIT / 2);
  });
});

describe('no character is cut', () => {
  // At every offset around the limit, so that the end of what fits falls on each of its code units once.
  test.each([
    ['an emoji', '😀'],
    ['a family, seven code points', '👨‍👩‍👧‍👦'],
    ['a flag', '🇨🇳'],
    ['a skin tone', '👍🏽'],
    ['a keycap, which begins with a digit', '1️⃣'],
    ['a letter with an accent of its own', 'e\u0301'],
    ['a syllable of three letters', '각'.normalize('NFD')],
    ['a Chinese character with a variation selector', '禰\u{E0100}'],
    ['a full stop with a variation selector', '。\uFE01'],
  ])('%s stays whole', (_, character) => {
    for (let offset = 0; offset < 40; offset++) {
      const parts = splitText('x'.repeat(LIMIT - offset) + character + 'y'.repeat(100));
      expect(parts.join('')).toContain(character);
      expect(parts.filter((part) => part.includes(character))).toHaveLength(1);
      expect(Math.max(...parts.map(size))).toBeLessThanOrEqual(LIMIT);
    }
  });

  test('unless it is larger than a message: then it is cut between code points', () => {
    const pile = `x${'\u{1D165}'.repeat(1500)}`;
    const parts = splitText(pile);
    expect(parts.join('')).toBe(pile);
    expect(Math.max(...parts.map(size))).toBeLessThanOrEqual(LIMIT);
    expect(parts.every((part) => part.isWellFormed())).toBe(true);
  });

  test('half an emoji, which nobody can show, becomes a replacement character', () => {
    expect(splitText('a\ud83d')).toEqual(['a\ufffd']);
  });
});

describe('links and faces', () => {
  const whole: [string, string][] = [
    ['an anchor', '<a href="https://a.com/?x=1&y=2">看 这里。好</a>'],
    ['an anchor to a mini-program', '<a data-miniprogram-appid="wx1" data-miniprogram-path="p" href="">点 这里</a>'],
    ['a bare address', 'https://a.com/b,c;d?e=f.g!h'],
    ['an address without a scheme', 'www.a.com/b,c'],
    ['a new face', '[Yeah!]'],
    ['a Chinese face', '[微笑]'],
    ...['/::)', "/::'(", '/:,@-D', '/:8-)', '/:!!!', '/:handclap', '/:<&'].map((face): [string, string] => [
      'a face',
      face,
    ]),
  ];

  test.each(whole)('%s stays whole: %s', (_, link) => {
    for (let offset = 0; offset <= size(link) + 1; offset++) {
      const parts = splitText(`${'='.repeat(LIMIT - offset)}${link}，${'y'.repeat(100)}`);
      expect(parts.filter((part) => part.includes(link))).toHaveLength(1);
      expect(Math.max(...parts.map(size))).toBeLessThanOrEqual(LIMIT);
    }
  });

  test('many of them stay whole', () => {
    for (const [, link] of whole) {
      const parts = splitText(`${link}，`.repeat(300));
      expect(parts.join('').split(link).join('')).toBe('，'.repeat(300));
      for (const part of parts) expect(part.split(link).join('')).toMatch(/^，+$/);
    }
  });

  test('behind an address in Chinese, cutting goes on', () => {
    const parts = splitText(`https://a.com/${'长'.repeat(1000)}`);
    expect(parts.map(size)).toEqual([2048, 966]);
  });

  test('that are larger than a message are cut', () => {
    const address = `https://a.com/${'x'.repeat(5000)}`;
    const parts = splitText(`see ${address} now`);
    expect(parts.join('')).toContain(address.slice(-900));
    expect(solid(parts.join(''))).toBe(solid(`see ${address} now`));
    expect(splitText(`https://a.com/${'x'.repeat(LIMIT - 14)}\u0301`).map(size)).toEqual([2047, 3]);
  });
});

test('where there are neither spaces nor stops, words stay whole', () => {
  const parts = splitText(`真好，${'我们今天一起学习中文分词'.repeat(200)}`);
  for (const part of parts.slice(0, -1)) expect(part).toMatch(/(?:我们|今天|一起|学习|中文|分词)$/);
  for (const part of parts) expect(part).toMatch(/^(?:真好|我们|今天|一起|学习|中文|分词)/);
});

describe('how full a part is', () => {
  const paragraphs = Array(8).fill('长'.repeat(400)).join('\n\n');

  test('at least half, before a better place is taken', () => {
    expect(splitText(paragraphs)).toEqual(Array(8).fill('长'.repeat(400)));
  });

  test('or as full as asked, for fewer parts', () => {
    expect(splitText(paragraphs, { fill: 0.95 })).toHaveLength(5);
  });
});

describe('numbers', () => {
  test('stand under each part, if there is more than one', () => {
    expect(splitNumbered(' hello ')).toEqual(['hello']);
    expect(splitNumbered('  ')).toEqual([]);
    expect(splitNumbered('x'.repeat(LIMIT))).toEqual(['x'.repeat(LIMIT)]);
    const parts = splitNumbered('word '.repeat(1000));
    expect(parts.map((part) => part.split('\n').at(-1))).toEqual(['(1/3)', '(2/3)', '(3/3)']);
  });

  test('are counted in the limit, however many', () => {
    for (const length of [2049, 18_400, 202_700]) {
      const parts = splitNumbered('x'.repeat(length));
      expect(Math.max(...parts.map(size))).toBeLessThanOrEqual(LIMIT);
      expect(parts.at(-1)?.endsWith(`\n(${parts.length}/${parts.length})`)).toBe(true);
      expect(parts.map((part) => part.split('\n')[0]).join('')).toHaveLength(length);
    }
  });
});

test('the first part alone is that of all, and what is behind it is whole', () => {
  const long = '一句话。'.repeat(5000);
  const { part, rest } = takePart(long);
  expect(part).toBe(splitText(long)[0]);
  expect(part + rest).toBe(long);
});

describe('of any text', () => {
  const pieces = [
    'a',
    'Bc',
    ' ',
    '\n',
    '\n\n',
    '\r\n',
    '。',
    '！\uFE01',
    '. ',
    ', ',
    '，',
    '你好',
    '😀',
    '👨‍👩‍👧‍👦',
    '🇨🇳',
    'e\u0301',
    '1️⃣',
    '각'.normalize('NFD'),
    'क्षि',
    '\u200d',
    '”',
    'https://a.com/b?c=d',
    '<a href="https://a.com">看 好。</a>',
    '[微笑]',
    '/::)',
  ];
  const texts = fc.oneof(
    fc.array(fc.constantFrom(...pieces), { maxLength: 400 }).map((list) => list.join('')),
    fc.string({ unit: 'grapheme', maxLength: 400 }),
    fc.string({ unit: 'binary', maxLength: 400 }),
  );
  const limits = fc.integer({ min: 40, max: 300 });

  test('every part fits and says something, and nothing but space is lost', () => {
    fc.assert(
      fc.property(texts, limits, (text, limit) => {
        const parts = splitText(text, { limit });
        for (const part of parts) {
          expect(size(part)).toBeLessThanOrEqual(limit);
          expect(part).toBe(part.trim());
          expect(part).not.toBe('');
        }
        expect(solid(parts.join(''))).toBe(solid(text.toWellFormed()));
      }),
      { numRuns: 1000 },
    );
  });

  test('every part begins and ends where a reader sees characters begin and end', () => {
    // A mark on nothing but space is no character that a reader sees.
    const seen = texts.filter((text) => graphemes(text.toWellFormed()).every((one) => /^\S|^\s+$/.test(one)));
    fc.assert(
      fc.property(seen, limits, (text, limit) => {
        const whole = text.toWellFormed();
        const edges = new Set([...new Intl.Segmenter().segment(whole)].map(({ index }) => index).concat(whole.length));
        fc.pre(graphemes(whole).every((one) => size(one) <= limit));
        let from = 0;
        for (const part of splitText(text, { limit })) {
          const start = whole.indexOf(part, from);
          from = start + part.length;
          expect([edges.has(start), edges.has(from)]).toEqual([true, true]);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
