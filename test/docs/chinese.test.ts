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
  ['干净退出', '优雅退出'],
  ['如何被', '怎样'],
  ['回应', '应答'],
  ['稍候', '稍后'],
  ['缺失 url', '缺少 url'],
  ['粉丝拒收', '用户拒收'],
  ['副本', '从库'],
  ['客服窗口', '能否发客服消息'],
  ['请写一个', '请输入一个'],
])('%s is nowhere: it is %s', (word) => {
  expect(texts.filter(([, text]) => text.includes(word)).map(([file]) => file)).toEqual([]);
});

test.each(['账号', '处理函数', '接收端', '工作进程', '挂起', '删除用户数据'])('README.zh-CN.md says %s', (word) => {
  expect(texts.find(([file]) => file === 'README.zh-CN.md')?.[1]).toContain(word);
});

test('README.zh-CN.md says before the first link to docs that they are in English, and not again', () => {
  const chinese = texts.find(([file]) => file === 'README.zh-CN.md')?.[1] ?? '';
  expect(chinese.slice(0, chinese.indexOf('docs/'))).not.toContain('](docs/');
  expect(chinese).toContain('[docs/](docs) 里的文档只有英文版。');
  expect(chinese).not.toContain('（英文）');
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

/** What is named to the letter in a paragraph, a point or a row: code and links. */
const namesOf = (file: string) =>
  (texts.find(([name]) => name === file)?.[1] ?? '')
    .replace(/```[\s\S]*?```/g, '')
    .split(/\n(?=## |- |\| )|\n\n/)
    .filter((text) => text.trim() !== '')
    .map((text) => (text.match(/`[^`]+`|\]\([^)]+\)/g) ?? []).map((name) => name.replace(/\s+/g, ' ')))
    .map((names) => names.filter((name) => !name.startsWith('](README')));

test('what README.md names, README.zh-CN.md names in the same place', () => {
  const [english, chinese] = [namesOf('README.md'), namesOf('README.zh-CN.md')];
  expect(chinese).toHaveLength(english.length);
  expect(english.flatMap((names, place) => names.filter((name) => !chinese[place]?.includes(name)))).toEqual([]);
});
