import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createWeChat } from '../../src/index.ts';
import { methodsOf } from '../api/endpoints/table.ts';

const page = readFileSync(new URL('../../docs/client.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);

test('the page of the client has an example of every method', () => {
  const code = examples.join('\n');
  const methods = methodsOf(createWeChat({ appId: 'wx', appSecret: 'x' }));
  expect(methods.filter((method) => !code.includes(`wechat.${method}(`))).toEqual([]);
});
