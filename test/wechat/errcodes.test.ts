import { describe, expect, test } from 'vitest';
import { ERRCODES } from '../../src/wechat/errcode-table.ts';
import { type Reaction, reactionTo } from '../../src/wechat/errcodes.ts';
import { errorCodes } from './fixtures.ts';

/** What may follow from each class of the list that the table was made from. */
const REACTIONS: Record<string, Reaction[]> = {
  ok: ['ok'],
  duplicate: ['ok'],
  transient: ['retry'],
  token: ['token'],
  rate_minute: ['slow'],
  rate_daily: ['daily'],
  window: ['park', 'drop'],
  recipient: ['drop', 'park'],
  content: ['drop'],
  // 'drop': a media type that cannot be in a button is not missing.
  media: ['media', 'drop'],
  permission: ['passive-only', 'drop'],
  fatal_config: ['config'],
  human: ['config'],
  blocked: ['blocked', 'drop'],
  other: ['drop'],
};

test.each(errorCodes)('$code has a row that fits its class, $class', ({ code, class: kind }) => {
  const row = reactionTo(code);
  expect(row.errcode).toBe(code);
  expect(REACTIONS[kind]).toContain(row.reaction);
  expect(row.meaning.en).toMatch(/^[\x20-\x7e]{2,}$|认证|IP 白名单/);
  expect(row.meaning.zh).toMatch(/\p{Script=Han}/u);
});

test('no code has two rows', () => {
  expect(new Set(ERRCODES.map(([code]) => code)).size).toBe(ERRCODES.length);
  expect(ERRCODES.length).toBe(errorCodes.length);
});

describe('the codes that decide what becomes of an answer', () => {
  test.each<[Reaction, number[]]>([
    ['token', [40001, 40014, 42001]],
    ['park', [45015, 45047, 43004]],
    ['passive-only', [48001, 40200]],
    ['config', [40164, 40125, 40013, 40243, 89503]],
    ['slow', [45011]],
    ['daily', [45009]],
    ['retry', [-1]],
    ['ok', [0, 45081]],
    ['drop', [40003, 45002, 43019, 70000]],
    ['media', [40007]],
  ])('%s: %j', (reaction, codes) => {
    for (const code of codes) expect(reactionTo(code).reaction).toBe(reaction);
  });
});

test('only what time or wxrelay mends is tried again', () => {
  const again = ERRCODES.filter(([, reaction]) => ['retry', 'token', 'slow'].includes(reaction));
  for (const [code] of again) expect(errorCodes.find((known) => known.code === code)).toHaveProperty('retry', true);
});

test('an unknown code is given up on, and says that it is unknown', () => {
  expect(reactionTo(99999)).toEqual({
    errcode: 99999,
    meaning: { en: 'unknown', zh: '未知错误码' },
    reaction: 'drop',
    who: 'developer',
  });
});
