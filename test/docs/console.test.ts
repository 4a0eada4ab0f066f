// Where people are sent in WeChat's console, and the words of WeChat's that they search for.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ApiError } from '../../src/api/errors.ts';
import { createWeChat } from '../../src/api/standalone.ts';
import { readConfig } from '../../src/config.ts';
import { CONSOLE } from '../../src/console.ts';
import { MessageCipher } from '../../src/wechat/cipher.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (file: string) => readFileSync(`${root}${file}`, 'utf8');
const under = (folder: string) =>
  readdirSync(`${root}${folder}`, { recursive: true }).map((name) => `${folder}/${String(name).replaceAll('\\', '/')}`);
const files = [
  'README.md',
  'README.zh-CN.md',
  'CONTRIBUTING.md',
  '.env.example',
  ...['docs', 'src', 'workers'].flatMap(under),
];
const filesWith = (words: string) =>
  files.filter((file) => /\.(md|ts|js|html|example)$/.test(file) && read(file).includes(words));

const thrownBy = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
};

describe('the console is where WeChat has moved it, with its old place in brackets:', () => {
  test('as WeChat’s page about the move has it', () => {
    const account = '微信开发者平台 → 我的业务 → 公众号/服务号 → 基础信息';
    const before = '（原：设置与开发 → 基本配置）';
    expect(CONSOLE).toEqual({
      account: account + before,
      keys: `${account} → 开发密钥${before}`,
      push: `${account} → 域名与消息推送配置${before}`,
    });
  });

  test.each([
    ['README.md', () => read('README.md'), CONSOLE.push],
    ['README.zh-CN.md', () => read('README.zh-CN.md'), CONSOLE.push],
    ['.env.example, of the Token', () => read('.env.example'), CONSOLE.push],
    ['.env.example, of the AppID', () => read('.env.example'), CONSOLE.account],
    ['.env.example, of the AppSecret', () => read('.env.example'), CONSOLE.keys],
    ['a start without Token', () => thrownBy(() => readConfig({ WECHAT_APP_ID: 'wx12345' }, ['push'])), CONSOLE.push],
    ['a start without AppID', () => thrownBy(() => readConfig({ WECHAT_TOKEN: 'token' }, ['push'])), CONSOLE.account],
    ['a wrong EncodingAESKey', () => thrownBy(() => new MessageCipher('short', 'wx')), CONSOLE.push],
    ['createWeChat without AppSecret', () => thrownBy(() => createWeChat({ appId: 'wx' })), CONSOLE.keys],
    ['40125, a wrong AppSecret', () => new ApiError('/', 40125, 'no').message, CONSOLE.keys],
    ['40013, a wrong AppID', () => new ApiError('/', 40013, 'no').message, CONSOLE.account],
    ['40243, a frozen AppSecret', () => new ApiError('/', 40243, 'no').message, CONSOLE.keys],
    ['40164, an IP that is not listed', () => new ApiError('/', 40164, 'no').message, CONSOLE.keys],
  ])('%s', (_, text, page) => expect(text()).toContain(page));

  test('no other file of the code spells it', () => {
    expect(filesWith('基本配置').filter((file) => file.startsWith('src/'))).toEqual(['src/console.ts']);
  });
});

describe('WeChat’s fault notice stands in both its wordings:', () => {
  const [official, reported] = ['该公众号暂时无法提供服务', '该公众号提供的服务出现故障'] as const;

  test.each([...new Set([official, reported].flatMap(filesWith))])('%s', (file) => {
    expect(read(file)).toContain(official);
    expect(read(file)).toContain(reported);
  });

  test.each(['README.md', 'README.zh-CN.md', 'docs/wire-format.md'])('%s has it at all', (file) => {
    expect(filesWith(official)).toContain(file);
  });
});

describe('48001', () => {
  test.each(['submit', 'get', 'delete', 'getarticle', 'batchget'])(
    'of freepublish/%s names the rule of July 2025',
    (method) => {
      const { advice, message } = new ApiError(`/cgi-bin/freepublish/${method}`, 48001, 'api unauthorized');
      expect(message).toContain('July 2025');
      expect(advice?.zh).toMatch(/2025 年 7 月.*个人主体、未认证/);
    },
  );

  test('of another API does not', () => {
    expect(new ApiError('/cgi-bin/message/custom/send', 48001, 'api unauthorized').advice).toBeUndefined();
  });
});

test.each(['README.md', 'README.zh-CN.md'])('%s calls the accounts 公众号 and 服务号, their old name once', (file) => {
  expect(read(file).match(/订阅号|subscription account/g)).toEqual(['订阅号']);
});
