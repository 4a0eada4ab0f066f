// One word for one thing in Chinese, too, and none that was translated word by word.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const under = (folder: string) =>
  readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`);
const files = ['README.md', 'README.zh-CN.md', '.env.example', ...['docs', 'src', 'workers'].flatMap(under)];
const texts = files
  .filter((file) => /\.(md|ts|js|html|example)$/.test(file))
  .map((file) => [file, readFileSync(`${root}${file}`, 'utf8')] as const);

test.each([
  ['帐号', '账号'],
  ['处理器', '处理函数'],
  ['接收进程', '接收端'],
  ['保持打开', '挂起'],
  ['保持等待', '挂起'],
  ['忘记用户', '删除用户数据'],
  ['被忘记', '数据被删除'],
  ['不留悬念', '不会留下结果不明的发送'],
  ['先到的先说', '按先后顺序'],
  ['没有话说', '不回复'],
])('%s is nowhere: it is %s', (word) => {
  expect(texts.filter(([, text]) => text.includes(word)).map(([file]) => file)).toEqual([]);
});

test.each(['账号', '处理函数', '接收端', '工作进程', '挂起', '删除用户数据'])('README.zh-CN.md says %s', (word) => {
  expect(texts.find(([file]) => file === 'README.zh-CN.md')?.[1]).toContain(word);
});

test('both READMEs have the same sections, code and number of points', () => {
  const [english = '', chinese = ''] = ['README.md', 'README.zh-CN.md'].map(
    (file) => texts.find(([name]) => name === file)?.[1],
  );
  const shape = (text: string) => ({
    sections: text.match(/^## /gm)?.length,
    blocks: text.match(/^```\w*$/gm),
    points: text.match(/^- /gm)?.length,
    rows: text.match(/^\| /gm)?.length,
    commands: text.match(/^(npm|cp|export) [^#\n]*/gm)?.map((line) => line.trim()),
  });
  expect(shape(chinese)).toEqual(shape(english));
});
