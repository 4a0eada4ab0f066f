import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { readJsonInput } from '../../src/cli/json-file.ts';
import {
  describeSettings,
  doubtfulSettings,
  looseEnvFile,
  type Need,
  readConfig,
  readEnv,
  unknownSettings,
} from '../../src/config.ts';
import { checkDataDir } from '../../src/data-dir.ts';
import { ConfigError } from '../../src/errors.ts';
import { readClients } from '../../src/gateway/clients.ts';
import { keywords } from '../../src/handlers/keywords.ts';
import { type Setting, settings } from '../../src/settings.ts';

const dir = mkdtempSync(join(tmpdir(), 'wxrelay-config-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
function file(name: string, content: string): string {
  writeFileSync(join(dir, name), content);
  return join(dir, name);
}

const KEY = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG';
const complete = {
  REDIS_URL: 'redis://127.0.0.1:6379',
  WECHAT_TOKEN: 'TestToken0123456789',
  WECHAT_APP_ID: 'wx0123456789abcdef',
  WECHAT_APP_SECRET: 'test-app-secret-0123456789',
};
const ALL: Need[] = ['redis', 'push', 'api'];

function problemsOf(env: Record<string, string | undefined>, needs: Need[] = []): readonly string[] {
  try {
    readConfig(env, needs);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).problems;
  }
}

describe('what is given', () => {
  test('becomes a config that cannot be changed', () => {
    const config = readConfig(
      { ...complete, PORT: '80', WXRELAY_PARTITIONS: '4', METRICS_PORT: '9100', NODE_ENV: 'production' },
      ALL,
    );
    expect(config).toMatchObject({
      redisUrl: complete.REDIS_URL,
      port: 80,
      partitions: 4,
      metricsPort: 9100,
      production: true,
    });
    expect(config.account).toEqual({
      id: 'wx0123456789abcdef',
      appId: 'wx0123456789abcdef',
      appSecret: 'test-app-secret-0123456789',
      tokens: ['TestToken0123456789'],
      aesKeys: [],
      encryption: 'auto',
    });
    expect(() => Object.assign(config, { port: 1 })).toThrow(TypeError);
    expect(() => Object.assign(config.account, { appId: 'another' })).toThrow(TypeError);
  });

  test('may be nothing where nothing is needed: then the defaults hold', () => {
    expect(readConfig({}, [])).toMatchObject({
      redisUrl: '',
      host: '',
      port: 8080,
      path: '/wechat',
      account: { id: 'default', appId: '', appSecret: '', tokens: [], aesKeys: [], encryption: 'auto' },
      apiBaseUrl: 'https://api.weixin.qq.com',
      tokenApi: 'stable',
      prefix: 'wxrelay',
      partitions: 1,
      dataDir: '.wxrelay',
      concurrency: 100,
      deliverConcurrency: 50,
      maxAge: 900,
      inDoubt: 'resend',
      monitor: { host: '127.0.0.1', port: 8081, password: '' },
      simulator: { host: '127.0.0.1', port: 8082 },
      metricsPort: undefined,
      logLevel: 'info',
      production: false,
    });
  });

  test('an empty value counts as none, and space around a value is not part of it', () => {
    expect(readConfig({ PORT: '', WXRELAY_PATH: ' ', WXRELAY_PREFIX: ' mine\n' }, [])).toMatchObject({
      port: 8080,
      path: '/wechat',
      prefix: 'mine',
    });
  });

  test('new and old Token and key come as lists, newest first', () => {
    const { account } = readConfig(
      { WECHAT_TOKEN: 'NewToken,OldToken', WECHAT_ENCODING_AES_KEY: `${KEY},${KEY.toLowerCase()}` },
      [],
    );
    expect([account.tokens, account.aesKeys]).toEqual([
      ['NewToken', 'OldToken'],
      [KEY, KEY.toLowerCase()],
    ]);
  });

  test('a slash at the end of path or API server changes nothing', () => {
    expect(readConfig({ WXRELAY_PATH: '/a/', WECHAT_API_BASE_URL: 'http://127.0.0.1:8082/' }, [])).toMatchObject({
      path: '/a',
      apiBaseUrl: 'http://127.0.0.1:8082',
    });
    expect(readConfig({ WXRELAY_PATH: '/' }, []).path).toBe('/');
  });

  test('port 0, which any free port is, is a port', () => {
    expect(readConfig({ PORT: '0' }, []).port).toBe(0);
  });
});

describe('what is wrong', () => {
  const wrong = {
    REDIS_URL: 'http://user:redis-password@127.0.0.1',
    PORT: '99999',
    WXRELAY_PATH: 'wechat',
    WECHAT_TOKEN: 'no,more,tokens',
    WECHAT_APP_ID: 'not an id',
    WECHAT_ENCODING_AES_KEY: 'too-short-key',
    WECHAT_ENCRYPTION: 'secure',
    WECHAT_CUSTOMER_SERVICE: 'maybe',
    WECHAT_API_BASE_URL: 'api.weixin.qq.com',
    WECHAT_TOKEN_API: 'new',
    WXRELAY_PREFIX: 'Mine:',
    WXRELAY_PARTITIONS: '0',
    WXRELAY_CONCURRENCY: 'many',
    WXRELAY_DELIVER_CONCURRENCY: '-1',
    WXRELAY_MAX_AGE: '1.5',
    WXRELAY_IN_DOUBT: 'perhaps',
    MONITOR_PORT: '',
    MONITOR_PASSWORD: 'short',
    SIMULATOR_PORT: '80a',
    METRICS_PORT: 'on',
    LOG_LEVEL: 'loud',
  };

  test('is told all at once, a line for each setting', () => {
    const problems = problemsOf({ ...wrong, MONITOR_PORT: '-1' });
    expect(problems.map((problem) => problem.split(' ')[0]).sort()).toEqual(Object.keys(wrong).sort());
    expect(new ConfigError(problems).message.split('\n')).toHaveLength(problems.length + 1);
  });

  test('is shown with its value, unless that is a secret', () => {
    const problems = problemsOf(wrong).join('\n');
    expect(problems).toContain('PORT must be a port, 0 to 65535: "99999"');
    expect(problems).toContain('WECHAT_ENCRYPTION must be one of auto, plain, compatible, safe: "secure"');
    for (const secret of ['redis-password', 'no,more', 'too-short-key', 'short"'])
      expect(problems).not.toContain(secret);
  });

  test.each(Object.entries(settings as Record<string, Setting>).filter(([, { secret }]) => secret))(
    'the secret %s is never printed, wherever it comes from',
    (name) => {
      const value = 'hush! hush!';
      const env = { [name]: value, [`${name}_FILE`]: file(`secret-${name}`, value) };
      expect(problemsOf(env, ALL).join('\n')).not.toContain('hush');
      expect(JSON.stringify(describeSettings(env))).not.toContain('hush');
    },
  );

  test.each([
    ['WECHAT_TOKEN', 'one,two2,three', /new,old/],
    ['WECHAT_TOKEN', 'good,', /one Token/],
    ['WECHAT_TOKEN', 'good, late', /one Token/],
    ['WECHAT_ENCODING_AES_KEY', `${KEY}=`, /43 letters and digits/],
    ['WECHAT_ENCODING_AES_KEY', `${KEY},x`, /43/],
    ['WXRELAY_PARTITIONS', '65', /from 1 to 64/],
    ['WXRELAY_MAX_AGE', '59', /from 60 to 86400/],
    ['MONITOR_PASSWORD', '1234567', /at least 8/],
  ])('%s=%s is told what it must be', (name, value, message) => {
    expect(problemsOf({ [name]: value })).toEqual([expect.stringMatching(message)]);
  });
});

describe('what is missing', () => {
  const without = (name: keyof typeof complete, needs: Need[]) => problemsOf({ ...complete, [name]: undefined }, needs);

  test('is nothing where everything is there', () => {
    expect(problemsOf(complete, ALL)).toEqual([]);
  });

  test('a process that shares Redis needs REDIS_URL, and start brings its own', () => {
    expect(without('REDIS_URL', ['redis'])).toEqual([
      expect.stringMatching(/^REDIS_URL is not set.*redis:\/\/127\.0\.0\.1:6379.*wxrelay start.*in the same folder/),
    ]);
    expect(without('REDIS_URL', ['push', 'api'])).toEqual([]);
  });

  test('a receiver needs the Token and the AppID', () => {
    expect(without('WECHAT_TOKEN', ['push'])).toEqual([expect.stringMatching(/^WECHAT_TOKEN is not set/)]);
    expect(without('WECHAT_APP_ID', ['push'])).toEqual([expect.stringMatching(/^WECHAT_APP_ID is not set.*基本配置/)]);
    expect(without('WECHAT_APP_SECRET', ['redis', 'push'])).toEqual([]);
  });

  test('a worker needs AppID and AppSecret', () => {
    expect(without('WECHAT_APP_SECRET', ['api'])).toEqual([
      expect.stringMatching(/WECHAT_APP_ID and WECHAT_APP_SECRET/),
    ]);
    expect(without('WECHAT_APP_ID', ['api'])).toEqual([expect.stringMatching(/WECHAT_APP_ID and WECHAT_APP_SECRET/)]);
    expect(without('WECHAT_TOKEN', ['redis', 'api'])).toEqual([]);
  });

  test('the modes that encrypt need a key; auto does not', () => {
    for (const WECHAT_ENCRYPTION of ['compatible', 'safe'])
      expect(problemsOf({ ...complete, WECHAT_ENCRYPTION }, ALL)).toEqual([
        expect.stringMatching(`WECHAT_ENCODING_AES_KEY is not set, but WECHAT_ENCRYPTION is ${WECHAT_ENCRYPTION}`),
      ]);
    for (const WECHAT_ENCRYPTION of ['auto', 'plain'])
      expect(problemsOf({ ...complete, WECHAT_ENCRYPTION }, ALL)).toEqual([]);
  });

  test('is told together with what is wrong', () => {
    expect(problemsOf({ PORT: 'x' }, ALL)).toHaveLength(5);
  });
});

describe('NAME_FILE', () => {
  test('names a file that holds a secret, and wins over NAME', () => {
    const env = { ...complete, WECHAT_APP_SECRET: 'old', WECHAT_APP_SECRET_FILE: file('app-secret', 'from-a-file\n') };
    expect(readConfig(env, ALL).account.appSecret).toBe('from-a-file');
  });

  test('works for every secret', () => {
    const secrets = {
      REDIS_URL: 'redis://x',
      WECHAT_TOKEN: 'FileToken',
      WECHAT_APP_SECRET: 's',
      WECHAT_ENCODING_AES_KEY: KEY,
      WECHAT_GATEWAY_KEY: 'k',
      MONITOR_PASSWORD: 'eight-or-more',
    };
    expect(
      Object.keys(settings)
        .filter((name) => (settings as Record<string, Setting>)[name]?.secret)
        .sort(),
    ).toEqual(Object.keys(secrets).sort());
    const env = Object.fromEntries(Object.entries(secrets).map(([name, value]) => [`${name}_FILE`, file(name, value)]));
    const plain = { WECHAT_APP_ID: complete.WECHAT_APP_ID, WECHAT_GATEWAY_URL: 'http://gateway' };
    const { redisUrl, account, monitor, behindGateway } = readConfig({ ...env, ...plain }, ALL);
    expect(behindGateway?.key).toBe('k');
    expect([redisUrl, account.tokens, account.appSecret, account.aesKeys, monitor.password]).toEqual([
      'redis://x',
      ['FileToken'],
      's',
      [KEY],
      'eight-or-more',
    ]);
  });

  test('that cannot be read is told with its path', () => {
    const path = join(dir, 'nowhere');
    expect(problemsOf({ ...complete, WECHAT_TOKEN_FILE: path }, ALL)).toEqual([
      `WECHAT_TOKEN_FILE names a file that cannot be read (ENOENT): ${path}`,
    ]);
  });

  test('with a wrong value in it is told, without the value', () => {
    const problems = problemsOf({ ...complete, WECHAT_TOKEN_FILE: file('bad-token', 'hush,hush,hush') }, ALL);
    expect(problems).toEqual([expect.stringMatching(/^WECHAT_TOKEN must be one Token/)]);
    expect(problems[0]).not.toContain('hush');
  });
});

describe('.env', () => {
  test('is read under the environment, which wins', () => {
    const cwd = mkdtempSync(join(dir, 'cwd-'));
    writeFileSync(join(cwd, '.env'), '# a comment\nWECHAT_TOKEN=FromFile\nWXRELAY_PREFIX="quoted"\n');
    vi.stubEnv('WECHAT_TOKEN', 'FromEnvironment');
    const env = readEnv(cwd);
    vi.unstubAllEnvs();
    expect([env['WECHAT_TOKEN'], env['WXRELAY_PREFIX']]).toEqual(['FromEnvironment', 'quoted']);
  });

  test('need not be there', () => {
    expect(readEnv(mkdtempSync(join(dir, 'empty-')))).toEqual({ ...process.env });
  });
});

describe('a Token that the console would not take', () => {
  const doubts = (WECHAT_TOKEN: string) => doubtfulSettings(readConfig({ ...complete, WECHAT_TOKEN }, ALL));

  test.each(['test_token', 'ab', 'x'.repeat(33), 'no!token', '令牌', 'a b', 'good,not_good', 'not-good,good'])(
    '%s stops nothing, and is warned of, but not printed',
    (token) => {
      const warnings = doubts(token);
      expect(warnings).toEqual([expect.stringMatching(/^WECHAT_TOKEN is not 3 to 32 letters and digits.*console/)]);
      expect(readConfig({ ...complete, WECHAT_TOKEN: token }, ALL).account.tokens).toEqual(token.split(','));
      for (const one of token.split(',')) if (one.length > 4) expect(warnings[0]).not.toContain(one);
    },
  );

  test.each(['TestToken', 'abc', 'x'.repeat(32), 'NewToken,OldToken'])('%s is none', (token) => {
    expect(doubts(token)).toEqual([]);
  });

  test('is not an empty one, which stops the start', () => {
    for (const empty of ['', ' ']) expect(problemsOf({ ...complete, WECHAT_TOKEN: empty }, ['push'])).toHaveLength(1);
  });
});

describe('a URL', () => {
  test.each(['#', '@', '%', '%zz', '/', '?', ' '])(
    'of Redis with a raw %j in its password is told how to write it',
    (raw) => {
      for (const scheme of ['redis', 'rediss']) {
        const env = { REDIS_URL: `${scheme}://me:hush${raw}hush@redis.example:6379/1` };
        const [problem, ...more] = problemsOf(env);
        expect([problem, more]).toEqual([expect.stringMatching(/^REDIS_URL is not a URL.*%23.*%40.*%25/), []]);
        expect(problem).not.toContain('hush');
        const right = { REDIS_URL: env.REDIS_URL.replace(`hush${raw}hush`, encodeURIComponent(`hush${raw}hush`)) };
        expect(problemsOf(right)).toEqual([]);
      }
    },
  );

  test.each([
    'redis://127.0.0.1:6379',
    'redis://[::1]:6379/0',
    'redis://:pass%23word@redis.example?family=6',
    'rediss://user:pass%40word%25@redis.example:6380/2',
  ])('of Redis may be %s', (REDIS_URL) => {
    expect(problemsOf({ REDIS_URL })).toEqual([]);
  });

  test.each(['PUBLIC_URL', 'WECHAT_API_BASE_URL', 'WECHAT_GATEWAY_URL'])(
    '%s holds no login, which it would be printed or sent with, and no ? or #',
    (name) => {
      const problems = (value: string) =>
        problemsOf({ WECHAT_GATEWAY_KEY: 'k', WECHAT_GATEWAY_URL: 'http://g', [name]: value });
      expect(problems('http://me:hush-hush@example.com')).toEqual([
        expect.stringMatching(`^${name} must not hold a user or a password.*: "http://\\*\\*\\*@example.com"$`),
      ]);
      for (const wrong of ['https://example.com/?a=b', 'https://example.com/#a'])
        expect(problems(wrong)).toEqual([expect.stringMatching(`^${name} must end with its path`)]);
      expect(problems('example.com')).toEqual([expect.stringMatching(`^${name} must be an http`)]);
      expect(problems('https://example.com/a')).toEqual([]);
    },
  );
});

const UTF16 = (text: string, big = false) => {
  const bytes = Buffer.from(text, 'utf16le');
  return big ? bytes.swap16() : bytes;
};

describe('files as editors save them', () => {
  const cwdWith = (bytes: string | Buffer, mode = 0o600) => {
    const cwd = mkdtempSync(join(dir, 'cwd-'));
    writeFileSync(join(cwd, '.env'), bytes, { mode });
    return cwd;
  };

  test('the mark at the beginning of a file (BOM) is no part of a setting', () => {
    expect(readEnv(cwdWith('\ufeffWXRELAY_PREFIX=first\n'))['WXRELAY_PREFIX']).toBe('first');
    const env = { ...complete, WECHAT_APP_SECRET_FILE: file('marked', '\ufefffrom-a-file\n') };
    expect(readConfig(env, ALL).account.appSecret).toBe('from-a-file');
  });

  test.each([
    ['UTF-16 with a mark', UTF16('\ufeffWXRELAY_PREFIX=a\n'), 'UTF-16'],
    ['UTF-16 without one', UTF16('WXRELAY_PREFIX=a\n'), 'UTF-16'],
    ['UTF-16, big end first', UTF16('\ufeffWXRELAY_PREFIX=a\n', true), 'UTF-16'],
    ['GBK', Buffer.from([0xc4, 0xe3, 0xba, 0xc3]), 'GBK'],
  ])('%s is refused with a sentence', (_, bytes, name) => {
    const said = new RegExp(`${name}.*save it as UTF-8`);
    expect(() => readEnv(cwdWith(bytes))).toThrow(ConfigError);
    expect(() => readEnv(cwdWith(bytes))).toThrow(said);
    const path = join(dir, 'odd');
    writeFileSync(path, bytes);
    expect(problemsOf({ ...complete, WECHAT_TOKEN_FILE: path }, ALL)).toEqual([expect.stringMatching(said)]);
    expect(() => readJsonInput(path)).toThrow(said);
    expect(() => keywords(path)).toThrow(said);
    expect(() => readClients(path)).toThrow(said);
  });

  test.each([
    ['WECHAT_TOKEN=x\n', 0o644, /chmod 600 \.env/],
    ['WECHAT_TOKEN=x\n', 0o604, /chmod 600 \.env/],
    ['WECHAT_TOKEN=x\n', 0o600, undefined],
    ['WECHAT_TOKEN=x\n', 0o640, undefined],
    ['PORT=80\n', 0o644, undefined],
  ])('.env with %j and rights %o: warned of where others read a secret', (text, mode, said) => {
    const cwd = cwdWith(text);
    chmodSync(join(cwd, '.env'), mode);
    const warning = looseEnvFile(cwd);
    if (said) expect(warning).toMatch(said);
    else expect(warning).toBeUndefined();
  });
});

test.each([
  ['a file', () => file('in-the-way', 'x')],
  ['a folder below a file', () => join(file('in-the-way', 'x'), 'data')],
])('a WXRELAY_DATA_DIR that is %s is refused at the start', (_, path) => {
  expect(() => checkDataDir(path())).toThrow(/WXRELAY_DATA_DIR: .* cannot be written to \(E\w+\).*name another folder/);
  const fine = join(dir, 'new', 'folder');
  expect(() => checkDataDir(fine)).not.toThrow();
  expect(readdirSync(fine)).toEqual([]);
});

describe('settings that are not known', () => {
  test('are named, where they look like ours', () => {
    const env = { ...complete, WECHAT_TOKENS: 'x', WXRELAY_SPOOLS: 'off', HOME: '/home/me', WECHAT_TOKEN_FILE: '/x' };
    expect(unknownSettings(env)).toEqual(['WECHAT_TOKENS', 'WXRELAY_SPOOLS']);
  });

  test('are those whose NAME_FILE nobody reads, too', () => {
    expect(unknownSettings({ WECHAT_APP_ID_FILE: '/x', WXRELAY_PREFIX_FILE: '/x' })).toEqual([
      'WECHAT_APP_ID_FILE',
      'WXRELAY_PREFIX_FILE',
    ]);
  });

  test('stop nothing', () => {
    expect(problemsOf({ ...complete, WECHAT_TOKENS: 'x' }, ALL)).toEqual([]);
  });
});

test('the settings in force can be shown: what was given, secrets masked', () => {
  expect(describeSettings({ ...complete, PORT: '80', HOST: '', HOME: '/home/me' })).toEqual({
    REDIS_URL: '***',
    PORT: '80',
    WECHAT_TOKEN: '***',
    WECHAT_APP_ID: 'wx0123456789abcdef',
    WECHAT_APP_SECRET: '***',
  });
});

test('a secret that came from a file is shown as given', () => {
  expect(describeSettings({ WECHAT_TOKEN_FILE: '/run/secrets/token' })).toEqual({ WECHAT_TOKEN: '***' });
});

test('every setting is explained in both languages, and its default is legal', () => {
  for (const [name, { default: value, check, en, zh }] of Object.entries(settings as Record<string, Setting>)) {
    expect([name, check.safeParse(value).success]).toEqual([name, true]);
    expect(en).toMatch(/\.$/);
    expect(zh).toMatch(/[一-龥].*。$/s);
  }
});

describe('a gateway', () => {
  const behind = { ...complete, WECHAT_APP_SECRET: '' };
  const access = { WECHAT_GATEWAY_URL: 'http://10.0.0.5:8083/', WECHAT_GATEWAY_KEY: 'a-key-of-the-gateway-0123' };

  test('takes the place of the AppSecret, but not of the AppID', () => {
    expect(problemsOf(behind, ALL)).toEqual([expect.stringContaining('WECHAT_APP_SECRET')]);
    expect(readConfig({ ...behind, ...access }, ALL).behindGateway).toEqual({
      url: 'http://10.0.0.5:8083',
      key: access.WECHAT_GATEWAY_KEY,
    });
    expect(problemsOf({ ...behind, ...access, WECHAT_APP_ID: '' }, ['api'])).toEqual([
      expect.stringContaining('WECHAT_APP_ID is needed'),
    ]);
    expect(readConfig(complete, ALL).behindGateway).toBeUndefined();
  });

  test.each(['WECHAT_GATEWAY_URL', 'WECHAT_GATEWAY_KEY'] as const)('is not reached without %s', (name) => {
    expect(problemsOf({ ...complete, ...access, [name]: '' }, ALL)).toEqual([
      expect.stringContaining(`${name} is not set`),
    ]);
  });

  test('needs its AppSecret and its clients, wherever it is itself sent', () => {
    expect(problemsOf({ ...behind, ...access }, ['secret', 'gateway'])).toEqual([
      expect.stringContaining('to fetch the access_token'),
      expect.stringContaining('GATEWAY_CONFIG is not set'),
    ]);
  });

  test('keeps its key out of what is shown', () => {
    expect(describeSettings(access)).toMatchObject({ WECHAT_GATEWAY_KEY: '***' });
  });
});
