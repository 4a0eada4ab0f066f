import { type Dispatcher, EnvHttpProxyAgent, type Pool } from 'undici';
import { readEnv } from '../config.ts';
import { ConfigError } from '../errors.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** As curl and others read them: small letters first. */
const setting = (env: Env, name: string) => env[name.toLowerCase()] || env[name] || '';

/** What is on this machine no proxy elsewhere can reach. */
const isHere = (origin: string) => /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(origin).hostname);

/** The way through `HTTP_PROXY` or `HTTPS_PROXY`, but for what `NO_PROXY` names; `undefined` where none is set. */
export function proxyFor(origin: string, options: Pool.Options, env: Env = readEnv()): Dispatcher | undefined {
  const [http, https] = ['HTTP_PROXY', 'HTTPS_PROXY'].map((name) => proxyUrl(env, name)) as [string, string];
  if ((!http && !https) || isHere(origin)) return undefined;
  return new EnvHttpProxyAgent({
    ...(options as EnvHttpProxyAgent.Options),
    httpProxy: http,
    httpsProxy: https,
    noProxy: setting(env, 'NO_PROXY'),
  });
}

function proxyUrl(env: Env, name: string): string {
  const given = setting(env, name).trim();
  if (!given) return '';
  const url = given.includes('://') ? given : `http://${given}`;
  // It may hold a password, and is not shown.
  if (!URL.canParse(url) || !/^https?:/i.test(url))
    throw new ConfigError([`${name} must be the http(s) URL of a proxy, such as http://proxy.example:3128.`]);
  return url;
}
