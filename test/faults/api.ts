// The API side of WeChat, as little of it as the fault rows need: the token, and a send that writes down what it was given.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { SECRETS } from '../helpers/world.ts';

/** A customer-service message that reached its user. */
export interface Receipt {
  readonly openid: string;
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What goes wrong with one call. */
export interface Trouble {
  /** Milliseconds, before the answer. */
  readonly delay?: number;
  /** No answer ever. */
  readonly hang?: boolean;
  readonly status?: number;
  readonly errcode?: number;
  /** The connection is cut in the middle of the answer. */
  readonly cut?: boolean;
  /** Whether the message reaches its user all the same. Default: unless it is refused with an errcode or a status. */
  readonly arrives?: boolean;
}

export interface ApiServer {
  readonly url: string;
  readonly receipts: Receipt[];
  /** How often an access_token was asked for. */
  readonly tokenFetches: number;
  /** Asked for each send and each token; `undefined`: all goes well. */
  sendTrouble: () => Trouble | undefined;
  tokenTrouble: () => Trouble | undefined;
  /** From now on the token in use is refused. */
  revoke(): void;
  close(): Promise<void>;
}

export async function startApi(): Promise<ApiServer> {
  const receipts: Receipt[] = [];
  let tokenFetches = 0;
  let tokens = 0;
  let valid = false;

  const fetchToken = async (request: IncomingMessage, response: ServerResponse) => {
    tokenFetches++;
    const { secret } = JSON.parse(await readText(request));
    const trouble = api.tokenTrouble();
    if (await spoil(response, trouble)) return;
    if (secret !== SECRETS.WECHAT_APP_SECRET) return answer(response, { errcode: 40125, errmsg: 'invalid appsecret' });
    if (!valid) tokens++;
    valid = true;
    answer(response, { access_token: `token-${tokens}`, expires_in: 7200 });
  };

  const send = async (request: IncomingMessage, response: ServerResponse) => {
    const query = new URL(request.url ?? '', 'http://api').searchParams;
    const { touser, text } = JSON.parse(await readText(request));
    if (!valid || query.get('access_token') !== `token-${tokens}`)
      return answer(response, { errcode: 40001, errmsg: 'invalid credential, access_token is invalid or not latest' });
    const trouble = api.sendTrouble();
    const refused = trouble?.errcode !== undefined || trouble?.status !== undefined;
    if (trouble?.arrives ?? !refused) receipts.push({ openid: touser, text: text.content, at: Date.now() });
    // What WeChat itself takes.
    await sleep(10 + Math.random() * 20);
    if (!(await spoil(response, trouble))) answer(response, { errcode: 0, errmsg: 'ok' });
  };

  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    const serve = path === '/cgi-bin/stable_token' ? fetchToken : send;
    // A worker that was killed has hung up.
    serve(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const api: ApiServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    receipts,
    get tokenFetches() {
      return tokenFetches;
    },
    sendTrouble: () => undefined,
    tokenTrouble: () => undefined,
    revoke() {
      valid = false;
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return api;
}

/** Plays the trouble; whether the call has been answered by it. */
async function spoil(response: ServerResponse, trouble: Trouble | undefined): Promise<boolean> {
  if (!trouble) return false;
  if (trouble.delay) await sleep(trouble.delay);
  if (trouble.hang) return true;
  if (trouble.cut) {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 27 });
    response.write('{"errcode":', () => response.destroy());
    return true;
  }
  if (trouble.status)
    response.writeHead(trouble.status, { 'content-type': 'text/html' }).end('<html>Bad Gateway</html>');
  else if (trouble.errcode) answer(response, { errcode: trouble.errcode, errmsg: 'not now' });
  return trouble.status !== undefined || trouble.errcode !== undefined;
}

function answer(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json; encoding=utf-8' }).end(JSON.stringify(body));
}
