// What the tests say to a simulator, over HTTP like anyone else.
import { type Simulator, type SimulatorOptions, type State, startSimulator } from '../../src/simulator/simulator.ts';
import { account } from './fixtures.ts';

export const appSecret = 'secret0123456789';

export function startOn(receiverUrl: string, options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const base = {
    host: '127.0.0.1',
    port: 0,
    receiverUrl,
    ...account,
    appSecret,
    encryption: 'plain' as const,
    pauseMs: 0,
  };
  return startSimulator({ ...base, ...options });
}

export async function call(url: string, body?: unknown, init: RequestInit = {}) {
  const sent = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(url, body === undefined ? init : { method: 'POST', body: sent, ...init });
  const text = await response.text();
  return { status: response.status, type: response.headers.get('content-type'), text, json: parsed(text) };
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
function parsed(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export async function stateOf({ url }: Simulator): Promise<State> {
  return (await call(`${url}/simulator/state`)).json;
}

export function tokenQuery(changes: Record<string, string> = {}): string {
  const query = { grant_type: 'client_credential', appid: account.appId, secret: appSecret, ...changes };
  return `/cgi-bin/token?${new URLSearchParams(query)}`;
}

export async function legacyToken({ url }: Simulator): Promise<string> {
  return (await call(url + tokenQuery())).json.access_token;
}

export async function stableToken({ url }: Simulator, force_refresh = false): Promise<string> {
  const body = { grant_type: 'client_credential', appid: account.appId, secret: appSecret, force_refresh };
  return (await call(`${url}/cgi-bin/stable_token`, body)).json.access_token;
}

/** Sends a customer-service message; the errcode. */
export async function send(simulator: Simulator, token: string, body: unknown): Promise<number> {
  return (await call(`${simulator.url}/cgi-bin/message/custom/send?access_token=${token}`, body)).json.errcode;
}

export async function typing(simulator: Simulator, token: string, command = 'Typing', touser = simulator.openid) {
  return (await call(`${simulator.url}/cgi-bin/message/custom/typing?access_token=${token}`, { touser, command })).json
    .errcode;
}

export const text = (touser: string, content = '你好') => ({ touser, msgtype: 'text', text: { content } });
