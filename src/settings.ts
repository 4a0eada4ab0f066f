import { z } from 'zod';
import { CONSOLE } from './console.ts';

/** One setting of the environment: the table from which config, checks, `.env.example` and the README's table come. */
export interface Setting {
  readonly default: string;
  /** Never printed; may also be given as `NAME_FILE`, the path of a file that holds it. */
  readonly secret?: true;
  readonly check: z.ZodType<string>;
  readonly en: string;
  readonly zh: string;
}

const port = z.string().refine((s) => /^\d{1,5}$/.test(s) && Number(s) <= 65535, 'must be a port, 0 to 65535');
const portOrOff = z.string().refine((s) => s === 'off' || port.safeParse(s).success, 'must be a port or "off"');
const count = (min: number, max: number) =>
  z
    .string()
    .refine(
      (s) => /^\d{1,9}$/.test(s) && Number(s) >= min && Number(s) <= max,
      `must be a whole number from ${min} to ${max}`,
    );
const oneOf = (...values: [string, ...string[]]) =>
  z.string().refine((s) => values.includes(s), `must be one of ${values.join(', ')}`);
const httpUrl = z
  .string()
  .refine((s) => /^https?:\/\/[^\s]+$/.test(s) && URL.canParse(s), { error: 'must be an http(s) URL', abort: true })
  .refine((s) => !/^\w+:\/\/[^/]*@/.test(s), { error: 'must not hold a user or a password', abort: true })
  .refine((s) => !/[?#]/.test(s), 'must end with its path, without ? and #');
const orEmpty = (schema: z.ZodType<string>) =>
  z.string().superRefine((s, ctx) => {
    const problem = s === '' ? undefined : schema.safeParse(s).error?.issues[0]?.message;
    if (problem) ctx.addIssue({ code: 'custom', message: problem });
  });
const severalUrls = z.string().superRefine((s, ctx) => {
  const problems = s.split(',').map((url) => orEmpty(httpUrl).safeParse(url).error?.issues[0]?.message);
  const problem = s !== '' && s.split(',').includes('') ? 'must be an http(s) URL' : problems.find(Boolean);
  if (problem) ctx.addIssue({ code: 'custom', message: `${problem}, or several with commas between` });
});
/** Whether the user and the password before the last @ are written so that a URL keeps them. */
const isEncoded = (s: string) => {
  const [, login = '', rest = ''] = /^\w+:\/\/(?:(.*)@)?(.*)$/s.exec(s) ?? [];
  return !/[#@/?\s]|%(?![\da-f]{2})/i.test(login) && !/[#\s]/.test(rest) && URL.canParse(s);
};
const redisUrl = z
  .string()
  .refine((s) => /^rediss?:\/\/./.test(s), { error: 'must start with redis:// or rediss://', abort: true })
  .refine(
    isEncoded,
    'is not a URL: in its password # is written as %23, @ as %40, % as %25, / as %2F, ? as %3F and a space as %20',
  );
const upToTwo = (one: RegExp, message: string) =>
  z.string().refine((s) => s === '' || (s.split(',').length <= 2 && s.split(',').every((v) => one.test(v))), message);
const any = z.string();

export const settings = {
  REDIS_URL: {
    default: '',
    secret: true,
    check: orEmpty(redisUrl),
    en: 'The Redis that receiver, worker and monitor share. `wxrelay start` runs a private one when this is empty.',
    zh: '接收端、工作进程、监控共用的 Redis。留空时 `wxrelay start` 自带一个。',
  },
  HOST: {
    default: '',
    check: any,
    en: 'Address the receiver listens on; empty: all interfaces.',
    zh: '接收端监听的地址；留空为全部网卡。',
  },
  PORT: { default: '8080', check: port, en: 'Port of the receiver.', zh: '接收端的端口。' },
  WXRELAY_PATH: {
    default: '/wechat',
    check: z.string().regex(/^\/[\w\-./]*$/, 'must be a path that starts with /'),
    en: 'Path of the URL entered in the console (服务器地址).',
    zh: '微信开发者平台里填写的服务器地址（URL）的路径。',
  },
  PUBLIC_URL: {
    default: '',
    check: orEmpty(httpUrl),
    en: 'Where the receiver is reached from outside, such as `https://example.com`: an answer too long for the chat then becomes a page there, under `/wxrelay/page/`. Empty: the rest comes when the user writes 继续.',
    zh: '外网访问接收端的地址，如 `https://example.com`：聊天里放不下的长回答会变成 `/wxrelay/page/` 下的网页。留空则由用户回复「继续」查看剩余部分。',
  },
  WECHAT_TOKEN: {
    default: '',
    secret: true,
    check: upToTwo(/^\S(.*\S)?$/, 'must be one Token; "new,old" while changing'),
    en: `The Token entered in the console, ${CONSOLE.push}; \`new,old\` while changing it.`,
    zh: `在 ${CONSOLE.push} 填写的 Token；更换期间写成 \`new,old\`（新的在前）。`,
  },
  WECHAT_APP_ID: {
    default: '',
    check: z.string().regex(/^([A-Za-z0-9]{4,40})?$/, 'must be the AppID, such as wx0123456789abcdef'),
    en: `The account’s AppID: ${CONSOLE.account}.`,
    zh: `公众号的 AppID：${CONSOLE.account}。`,
  },
  WECHAT_APP_SECRET: {
    default: '',
    secret: true,
    check: any,
    en: `The account’s AppSecret, with which the worker fetches the access_token: ${CONSOLE.keys}.`,
    zh: `公众号的 AppSecret，工作进程用它获取 access_token：${CONSOLE.keys}。`,
  },
  WECHAT_ENCODING_AES_KEY: {
    default: '',
    secret: true,
    check: upToTwo(
      /^[A-Za-z0-9]{43}$/,
      'must be the 43 letters and digits of the console’s EncodingAESKey; "new,old" while changing',
    ),
    en: 'The EncodingAESKey, on the same page as the Token, for the compatible and safe modes; `new,old` while changing it.',
    zh: '与 Token 同一页面的消息加解密密钥（EncodingAESKey），兼容模式和安全模式需要；更换期间写成 `new,old`（新的在前）。',
  },
  WECHAT_ENCRYPTION: {
    default: 'auto',
    check: oneOf('auto', 'plain', 'compatible', 'safe'),
    en: 'Message mode of that page. `auto`: plain without a key; with one, plain pushes are taken, with a warning, until the first valid encrypted one.',
    zh: '同一页面的消息加解密方式。`auto`：没有密钥为明文；有密钥时先接受明文并告警，收到第一条有效密文后只接受密文。',
  },
  WECHAT_CUSTOMER_SERVICE: {
    default: 'auto',
    check: oneOf('auto', 'on', 'off'),
    en: 'Whether answers go out as customer-service messages. `off`: passive replies alone, as on accounts without that permission; no AppSecret is needed. `auto`: as WeChat says.',
    zh: '是否用客服消息发送回答。`off`：只用被动回复（没有客服消息权限的账号），不需要 AppSecret；`auto`：由微信接口的返回判断。',
  },
  WECHAT_API_BASE_URL: {
    default: 'https://api.weixin.qq.com',
    check: httpUrl,
    en: 'The API server; change it only for a proxy or the simulator.',
    zh: '微信 API 服务器；只有使用代理或模拟器时才改。',
  },
  WECHAT_TOKEN_API: {
    default: 'stable',
    check: oneOf('stable', 'legacy'),
    en: 'Where the access_token comes from: `stable` = /cgi-bin/stable_token, `legacy` = /cgi-bin/token.',
    zh: 'access_token 的来源：`stable` 为 /cgi-bin/stable_token，`legacy` 为 /cgi-bin/token。',
  },
  WECHAT_GATEWAY_URL: {
    default: '',
    check: severalUrls,
    en: 'A wxrelay gateway through which the API is called: then only the gateway needs the AppSecret and a listed IP. Several, comma separated: one that fails is passed over.',
    zh: '通过哪个 wxrelay 网关调用微信 API：此时只有网关需要 AppSecret 和 IP 白名单。可写多个，用逗号分隔：出故障的会被跳过。',
  },
  WECHAT_GATEWAY_KEY: {
    default: '',
    secret: true,
    check: any,
    en: 'The key that the gateway knows this program by; `wxrelay gateway key NAME` makes one.',
    zh: '网关用来识别本程序的密钥；用 `wxrelay gateway key NAME` 生成。',
  },
  WXRELAY_PREFIX: {
    default: 'wxrelay',
    check: z.string().regex(/^[a-z0-9-]{1,32}$/, 'must be 1 to 32 small letters, digits or hyphens'),
    en: 'Begins the name of every Redis key; two installations on one Redis need two prefixes.',
    zh: '所有 Redis 键名的前缀；同一个 Redis 上的两套部署要用不同前缀。',
  },
  WXRELAY_PARTITIONS: {
    default: '1',
    check: count(1, 64),
    en: 'Number of Redis hash slots the users are spread over. Written down at the first start; another value is refused later.',
    zh: '用户分布的 Redis 哈希槽数量。首次启动时记录，之后换成别的值会被拒绝。',
  },
  WXRELAY_DATA_DIR: {
    default: '.wxrelay',
    check: z.string().min(1, 'must not be empty'),
    en: 'Folder of the spool, and of the private Redis of `wxrelay start` with its password; for this user alone.',
    zh: '数据目录：本地暂存，以及 `wxrelay start` 自带的 Redis 及其密码；仅供运行它的用户读写。',
  },
  WXRELAY_SPOOL: {
    default: 'fallback',
    check: oneOf('fallback', 'always', 'off'),
    en: 'Pushes that come while Redis is away: `fallback` keeps them on local disk until it is back; `off` refuses them, for disks that do not survive a restart. `always` writes every push to disk first and hands it to Redis at once: an answer to WeChat never waits for Redis, but no push is held open for its answer (`wait`, accounts that may not send), and `whenBusy` and `limit` are not applied.',
    zh: 'Redis 不可用时收到的推送：`fallback` 先写入本地磁盘，恢复后补交；`off` 拒绝接收，适合重启后数据即丢失的磁盘；`always` 每条推送都先写本地磁盘再立即转交 Redis，应答微信时从不等待 Redis，但推送不会挂起等待回答（`wait`、不能发客服消息的账号），`whenBusy` 和 `limit` 也不生效。',
  },
  WXRELAY_CONCURRENCY: {
    default: '100',
    check: count(1, 10_000),
    en: 'Pushes that one worker process handles at once, per queue.',
    zh: '一个工作进程每个队列同时处理的消息数。',
  },
  WXRELAY_DELIVER_CONCURRENCY: {
    default: '50',
    check: count(1, 10_000),
    en: 'Users that one worker process sends to at once.',
    zh: '一个工作进程同时给多少用户发送回答。',
  },
  WXRELAY_IN_DOUBT: {
    default: 'resend',
    check: oneOf('resend', 'hold'),
    en: 'A send whose answer never came may have arrived. `resend`: it is sent again, nothing is lost. `hold`: it waits in `dead` for Retry, nothing is sent twice.',
    zh: '没有等到应答的发送可能已经送达。`resend`：再发一次，不会丢；`hold`：留在 `dead` 等待人工 Retry，不会重复。',
  },
  WXRELAY_MAX_AGE: {
    default: '900',
    check: count(60, 86_400),
    en: 'Seconds by which a push’s timestamp may differ from our clock before it is refused.',
    zh: '推送的 timestamp 与本机时钟最多相差多少秒，超过则拒绝。',
  },
  WXRELAY_MAX_HELD: {
    default: '20',
    check: count(0, 10_000),
    en: 'Pushes a minute that an account which cannot send may let run into WeChat’s five seconds, to answer when it repeats them. Too many make WeChat stop pushing for a minute.',
    zh: '不能发客服消息的账号每分钟最多让多少条推送超过微信的五秒，等微信重试时再回答。太多会被微信暂停推送一分钟。',
  },
  WXRELAY_FETCH_PRIVATE: {
    default: 'off',
    check: oneOf('on', 'off'),
    en: 'Whether pictures, sounds and films that a handler returns as `{ url }`, and pictures in Markdown, may be fetched from private networks and from this machine. `off`: a user who can make a handler or a model write an address of their choice reaches nothing inside.',
    zh: '处理函数以 `{ url }` 返回的图片、语音、视频以及 Markdown 中的图片是否可以从内网和本机获取。`off`：即使用户能影响处理函数或模型写出的地址，也访问不到内部服务。',
  },
  WXRELAY_FORGET_DAYS: {
    default: '30',
    check: count(0, 3650),
    en: 'Days after which a user who unfollowed is erased from Redis, unless they follow again.',
    zh: '用户取消关注多少天后从 Redis 中删除其全部数据；期间重新关注则不删除。',
  },
  WXRELAY_TEXT_DAYS: {
    default: '7',
    check: count(1, 3650),
    en: 'Days for which the body of a malformed push is kept to be looked at; it may hold what a user wrote. What was given up on keeps its text in `dead` until it is resent or dropped, or `WXRELAY_DEAD_DAYS` have passed.',
    zh: '格式错误的推送原文（可能含用户所写内容）保留多少天以供查看。`dead` 中放弃处理的推送保留原文，直到重发、丢弃或超过 `WXRELAY_DEAD_DAYS`。',
  },
  WXRELAY_DEAD_DAYS: {
    default: '30',
    check: count(1, 3650),
    en: 'Days for which what was given up on waits in `dead` to be resent; then it is dropped, with a warning (`dead.dropped`).',
    zh: '放弃处理的消息在 `dead` 中保留多少天等待重发；超过后丢弃，并记一条警告日志（`dead.dropped`）。',
  },
  WXRELAY_MAX_DEAD: {
    default: '10000',
    check: count(1, 1_000_000),
    en: 'How much may wait in `dead`; of more the oldest are dropped, with a warning.',
    zh: '`dead` 中最多保留多少条；超出时丢弃最早的，并记一条警告日志。',
  },
  WXRELAY_MAX_LANE: {
    default: '1000',
    check: count(1, 1_000_000),
    en: 'How much of one follower may wait in a queue, unhandled or unsent. The next push is told `texts.rejected`; one that comes from the local disk, where it was acknowledged, goes to `dead`.',
    zh: '同一用户在一个队列中最多有多少条等待处理或发送。超出时新消息收到 `texts.rejected`；来自本地暂存、已经应答过的则进入 `dead`。',
  },
  MONITOR_HOST: {
    default: '127.0.0.1',
    check: any,
    en: 'Address the monitor listens on.',
    zh: '监控页面监听的地址。',
  },
  MONITOR_PORT: { default: '8081', check: port, en: 'Port of the monitor.', zh: '监控页面的端口。' },
  MONITOR_PASSWORD: {
    default: '',
    secret: true,
    check: z.string().refine((s) => s === '' || s.length >= 8, 'must have at least 8 characters'),
    en: 'Password of the monitor (any user name). Empty: a random one, shown on the terminal; where there is none, the file `monitor-password` in WXRELAY_DATA_DIR holds it.',
    zh: '监控页面的密码（用户名任意）。留空则随机生成，显示在终端上；输出不是终端时写入 WXRELAY_DATA_DIR 下的 `monitor-password` 文件。',
  },
  SIMULATOR_HOST: {
    default: '127.0.0.1',
    check: any,
    en: 'Address the simulator listens on.',
    zh: '模拟器监听的地址。',
  },
  SIMULATOR_PORT: { default: '8082', check: port, en: 'Port of the simulator.', zh: '模拟器的端口。' },
  GATEWAY_HOST: {
    default: '127.0.0.1',
    check: any,
    en: 'Address the gateway listens on.',
    zh: '网关监听的地址。',
  },
  GATEWAY_PORT: { default: '8083', check: port, en: 'Port of the gateway.', zh: '网关的端口。' },
  GATEWAY_CONFIG: {
    default: '',
    check: any,
    en: 'JSON file of the gateway’s clients: their keys, what each may call, and how often. See docs/gateway.md.',
    zh: '网关的客户端配置（JSON 文件）：各自的密钥、可调用的接口和频率。见 docs/gateway.md。',
  },
  METRICS_PORT: {
    default: 'off',
    check: portOrOff,
    en: 'Port on 127.0.0.1 where a process serves its own /metrics. The monitor serves those of all.',
    zh: '进程在 127.0.0.1 上提供自身 /metrics 的端口。全部进程的汇总由监控页面提供。',
  },
  LOG_LEVEL: {
    default: 'info',
    check: oneOf('debug', 'info', 'warn', 'error', 'silent'),
    en: 'How much is logged.',
    zh: '日志级别。',
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;
