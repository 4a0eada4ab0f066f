// One user's pushes down one connection, none waiting for the answer to the one before: their order of arrival is certain.
import { once } from 'node:events';
import { connect } from 'node:net';
import { buildPush } from '../../src/simulator/push-xml.ts';
import { signedRequest } from '../../src/simulator/request.ts';
import { ACCOUNT, type Load, type Saying } from './load.ts';

export interface Pipeline {
  /** Writes the user's next push. Resolves when it is answered; it is not repeated. */
  say(text: (n: number) => string): Promise<Saying>;
  close(): void;
}

export async function openPipeline(load: Load, receiverUrl: string, openid: string): Promise<Pipeline> {
  const { hostname, port } = new URL(receiverUrl);
  const socket = connect(Number(port), hostname).setNoDelay(true);
  await once(socket, 'connect');
  const waiting: ((status: number) => void)[] = [];
  let rest = '';
  socket.setEncoding('latin1').on('data', (bytes) => {
    // A piece may end inside a status line.
    rest += bytes;
    for (let found = STATUS.exec(rest); found; found = STATUS.exec(rest)) {
      rest = rest.slice(found.index + found[0].length);
      waiting.shift()?.(Number(found[1]));
    }
  });
  socket.on('close', () => {
    for (const resolve of waiting.splice(0)) resolve(0);
  });
  socket.on('error', () => undefined);
  let count = 0;
  return {
    async say(text) {
      const n = count++;
      const xml = buildPush({ openid, account: 'gh_0f1e2d3c4b5a' }, { text: text(n) });
      const { url, body } = signedRequest(receiverUrl, ACCOUNT, { xml, openid, to: '' });
      const { pathname, search, host } = new URL(url);
      const started = performance.now();
      const answered = new Promise<number>((resolve) => waiting.push(resolve));
      const head = `POST ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: text/xml\r\n`;
      socket.write(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
      const status = await answered;
      const attempt = { ms: performance.now() - started, status };
      const saying = { openid, n, attempts: [attempt], ...(status === 200 ? { ackedAt: Date.now() } : {}) };
      load.note(saying);
      return saying;
    },
    close: () => socket.destroy(),
  };
}

const STATUS = /HTTP\/1\.1 (\d{3}) [^\n]*\n/;
