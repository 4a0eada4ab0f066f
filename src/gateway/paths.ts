// Which paths of the API the gateway passes on, and what an allow-list may say of them.

/** The first segments of the API that take the account's access_token as a query parameter. */
const ROOTS = new Set([
  'cgi-bin',
  'customservice',
  'wxaapi',
  'wxa',
  'semantic',
  'datacube',
  'card',
  'cv',
  'scan',
  'intp',
  'publisher',
  'product',
  'merchant',
  'shakearound',
  'device',
]);

/**
 * Endpoints that hand out tokens or take the AppSecret: whoever may call one needs no gateway. `/sns/` is no root for a
 * like reason: its access_token is that of a user who signed in, not the account's.
 */
const NEVER = [
  '/cgi-bin/token',
  '/cgi-bin/stable_token',
  '/cgi-bin/clear_quota/v2',
  '/cgi-bin/component',
  '/wxa/component',
];

/**
 * No wildcard gives these: the ticket signs web pages in the account's name, and WeChat limits how often it is fetched; what
 * WeChat remembers of a request is another program's.
 */
const ONLY_BY_NAME = new Set(['/cgi-bin/ticket/getticket', '/cgi-bin/openapi/rid/get']);

/**
 * Small letters, digits, `_` and `-` between single slashes: WeChat's endpoints need no more, and so there is one spelling
 * of each to compare. What is spelt otherwise (encoded, doubled, with dots or capitals) is refused rather than mended.
 */
export const isCanonical = (path: string): boolean => path.length <= 200 && /^(\/[a-z0-9_-]+)+$/.test(path);

export const hasKnownRoot = (path: string): boolean => ROOTS.has(path.split('/', 2)[1] ?? '');

export const isNeverProxied = (path: string): boolean =>
  NEVER.some((forbidden) => path === forbidden || path.startsWith(`${forbidden}/`));

/** Names that stand for several endpoints in an allow-list. `worker`: what our own worker calls by itself. */
export const GROUPS: Readonly<Record<string, readonly string[]>> = {
  worker: [
    '/cgi-bin/message/custom/send',
    '/cgi-bin/message/custom/typing',
    '/cgi-bin/media/upload',
    '/cgi-bin/customservice/getonlinekflist',
    '/customservice/kfsession/create',
  ],
};

/** A pattern is a path, or the beginning of one followed by `*`. */
export const isPattern = (text: string): boolean => isCanonical(text.replace(/\/?\*$/, '')) || text === '/*';

export const matches = (pattern: string, path: string): boolean =>
  pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern;

/** The entry of an allow-list by which a path may be called. */
export const allowedBy = (allow: readonly string[], path: string): string | undefined =>
  allow.find((pattern) => (ONLY_BY_NAME.has(path) ? pattern === path : matches(pattern, path)));
