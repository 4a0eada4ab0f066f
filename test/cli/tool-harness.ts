// Tools in front of an API that answers as a test wants.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { type Server, startServer } from '../api/server.ts';
import { runHere } from '../helpers/run-here.ts';

const APP_ID = 'wx0123456789abcdef';
const SECRET = 'test-app-secret-0123456789';
const TOKEN = 'an-access-token-0123456789';

export function useTools() {
  let server: Server;
  let folder = '';
  let answers: Record<string, object> = {};
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'wxrelay-tools-'));
    server = await startServer(({ path }, response) => {
      if (path === '/cgi-bin/stable_token') return { access_token: TOKEN, expires_in: 7200 };
      const given = answers[path] ?? { errcode: 0, errmsg: 'ok' };
      const answer = Array.isArray(given) ? (given.length > 1 ? given.shift() : given[0]) : given;
      if (!Buffer.isBuffer(answer)) return answer;
      return void response.setHeader('content-disposition', 'attachment; filename="MEDIA.png"').end(answer);
    });
  });
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    server.calls.length = 0;
    answers = {};
  });
  /** What was asked of the API, tokens aside. */
  const asked = () => server.calls.filter(({ path }) => path !== '/cgi-bin/stable_token');
  const account = () => ({ WECHAT_APP_ID: APP_ID, WECHAT_APP_SECRET: SECRET, WECHAT_API_BASE_URL: server.url });
  return {
    account,
    get server() {
      return server;
    },
    /** Where the tools run. */
    get folder() {
      return folder;
    },
    /** What the API answers, by path: JSON, a file, or one after the other; anything else is a plain success. */
    get answers() {
      return answers;
    },
    asked,
    bodies: () => asked().map(({ path, body }) => [path, body === '' ? undefined : JSON.parse(body)]),
    file(name: string, content: unknown) {
      writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
      return name;
    },
    /** Runs one command, here: only one at a time. Neither secret nor token is ever printed. */
    async run(args: string[], env: Record<string, string> = {}) {
      const ran = await runHere(args, { ...account(), ...env }, folder);
      expect(ran.output).not.toContain(SECRET);
      expect(ran.output).not.toContain(TOKEN);
      return ran;
    },
    /** The file and the fields of the last upload. */
    async uploaded() {
      const { path, query, bytes, headers } = asked()
        .filter(({ headers }) => /multipart/.test(headers['content-type'] ?? ''))
        .at(-1)!;
      const type = headers['content-type'] ?? '';
      const { media, ...fields } = Object.fromEntries(
        await new Response(new Uint8Array(bytes), { headers: { 'content-type': type } }).formData(),
      );
      const { name } = media as File;
      return { path, type: query.get('type'), name, bytes: Buffer.from(await (media as File).arrayBuffer()), fields };
    },
  };
}
