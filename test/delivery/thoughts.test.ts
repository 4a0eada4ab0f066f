import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { piecesOf } from '../../src/delivery/parts.ts';
import { paragraphs } from '../../src/delivery/stream.ts';
import { createThoughtFilter, withoutThoughts } from '../../src/delivery/thoughts.ts';
import { text } from '../../src/wechat/message.ts';

const THOUGHTS: readonly (readonly [string, string, string])[] = [
  ['closed', '<think>\n想一想\n</think>\n\n答', '答'],
  ['closed on one line', '<think>想</think>答', '答'],
  ['empty', '<think>\n\n</think>\n\n答', '答'],
  ['unclosed', '<think>\n想一想', ''],
  ['unclosed behind an answer', '答\n<think>想', '答\n'],
  ['in each other', '<think>一<think>二</think>三</think>答', '答'],
  ['one behind the other', '<think>一</think>\n<think>二</think>\n答', '答'],
  ['between lines', '一\n<think>想</think>\n二', '一\n二'],
  ['with another name', '<thinking>想</thinking>答', '答'],
  ['in capitals', '<THINK>想</Think >答', '答'],
  ['with signs of its own', '<think>1 < 2 </thin> ```</think>答', '答'],
  ['none', '答 < 1\n  二', '答 < 1\n  二'],
  ['only named in a line', '标签 <think> 是什么', '标签 <think> 是什么'],
  ['only named in code', '```\n<think>\n```\n完', '```\n<think>\n```\n完'],
  ['only named in ticks', '`<think>` 是', '`<think>` 是'],
  ['only like one', '<thinker>x</thinker>', '<thinker>x</thinker>'],
  ['a beginning of one at the end', '答\n<thi', '答\n<thi'],
];

describe('thoughts are left out', () => {
  test.each(THOUGHTS)('%s', (_, given, answer) => {
    expect(withoutThoughts(given)).toBe(answer);
  });

  test('of which only the end is in the answer', () => {
    expect(withoutThoughts('想一想\n</think>\n\n答')).toBe('答');
  });

  test.each(THOUGHTS)('of a stream that is cut anywhere: %s', (_, given, answer) => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: given.length }), { maxLength: 6 }), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), given.length];
        const filter = createThoughtFilter();
        const said = places.slice(1).map((place, index) => filter.push(given.slice(places[index], place)));
        expect(said.join('') + filter.end()).toBe(answer);
      }),
    );
    const filter = createThoughtFilter();
    expect([...given].map((one) => filter.push(one)).join('') + filter.end()).toBe(answer);
  });

  test('of an answer that is Markdown, unless it is to show them', () => {
    const given = '<think>想</think>\n**答**';
    expect(piecesOf(given, { markdown: true })[0]?.message).toEqual(text('答'));
    expect(piecesOf(given)[0]?.message).toEqual(text(given));
    expect(piecesOf(given, { showThinking: false })[0]?.message).toEqual(text('**答**'));
    expect(piecesOf(given, { markdown: true, showThinking: true })[0]?.message).toEqual(text('<think>想</think>\n答'));
    expect(piecesOf('<think>想', { markdown: true })).toEqual([]);
  });

  test('of paragraphs, and what a model calls its reasoning_content', async () => {
    const all = async (deltas: Parameters<typeof paragraphs>[0], showThinking = false) => {
      let said = '';
      for await (const one of paragraphs(deltas, { showThinking })) said += one;
      return said;
    };
    expect(await all([...'<think>想</think>答'])).toBe('答');
    expect(await all([...'<think>想</think>答'], true)).toBe('<think>想</think>答');
    const chunk = (delta: object) => ({ choices: [{ delta }] });
    const chunks = [
      chunk({ role: 'assistant', reasoning_content: '想' }),
      chunk({ content: '答', reasoning_content: null }),
      { choices: [] },
    ];
    expect(await all(chunks)).toBe('答');
    expect(await all(chunks, true)).toBe('想答');
  });
});
