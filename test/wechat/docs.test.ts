import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ERRCODES } from '../../src/wechat/errcode-table.ts';
import { KNOWN_KEYS } from '../../src/wechat/keys.ts';
import * as builders from '../../src/wechat/message.ts';

const page = readFileSync(new URL('../../docs/wire-format.md', import.meta.url), 'utf8');

test('the page of the wire format shows every key', () => {
  for (const key of KNOWN_KEYS.filter((key) => key !== 'any')) {
    expect(page.includes(`\`${key}\``) || page.includes(`on: '${key}'`), key).toBe(true);
  }
});

test('the page shows every builder and every reaction', () => {
  for (const builder of Object.keys(builders)) expect(page).toContain(`\`${builder}(`);
  for (const [, reaction] of ERRCODES) expect(page).toContain(`| \`${reaction}\` |`);
});
