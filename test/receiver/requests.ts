// Requests as WeChat makes them, signed and encrypted by the simulator's own code, which shares nothing with the receiver.
import { randomInt } from 'node:crypto';
import { encrypt, sign } from '../../src/simulator/crypto.ts';

export const ACCOUNT = {
  token: 'TestToken0123456789',
  appId: 'wx0123456789abcdef',
  aesKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
  toUser: 'gh_0f1e2d3c4b5a',
};

export interface PushRequest {
  readonly query: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly type: string;
}

let users = 0;
/** A user nobody else in this run is. */
export const newOpenid = (): string =>
  `oTest${String(++users).padStart(4, '0')}${randomInt(1e12).toString().padStart(19, '0')}`;

let ids = 24_900_000_000_000_000n;
export const newMsgId = (): string => String(++ids);

const element = (name: string, value: string) => `<${name}><![CDATA[${value}]]></${name}>\n`;

export const seconds = (now = Date.now()): string => String(Math.floor(now / 1000));

/** When all pushes of a run were written: with the MsgId it names a message. */
export const WRITTEN = seconds();

/** A push with these fields behind the header. */
export function pushXml(openid: string, type: string, fields: Readonly<Record<string, string>>, at = WRITTEN): string {
  const rest = Object.entries(fields).map(([name, value]) => element(name, value));
  return `<xml>${element('ToUserName', ACCOUNT.toUser)}${element('FromUserName', openid)}<CreateTime>${at}</CreateTime>\n${element('MsgType', type)}${rest.join('')}</xml>`;
}

export const textXml = (openid: string, Content: string, MsgId = newMsgId()): string =>
  pushXml(openid, 'text', { Content, MsgId });

export interface Signing {
  readonly token?: string;
  readonly timestamp?: string;
  readonly nonce?: string;
  readonly aesKey?: string;
  readonly appId?: string;
}

export function signedQuery({ token = ACCOUNT.token, timestamp = seconds(), nonce = '1372623149' }: Signing = {}) {
  return { signature: sign(token, timestamp, nonce), timestamp, nonce };
}

export const plain = (body: string, signing: Signing = {}): PushRequest => ({ query: signedQuery(signing), body });

/** The safe mode's request; with `copy`, the compatible mode's. */
export function sealed(xml: string, signing: Signing = {}, copy = false): PushRequest {
  const { token = ACCOUNT.token, aesKey = ACCOUNT.aesKey, appId = ACCOUNT.appId } = signing;
  const query = signedQuery(signing);
  const encrypted = encrypt(xml, { encodingAESKey: aesKey, appId });
  const envelope = element('Encrypt', encrypted);
  return {
    query: { ...query, encrypt_type: 'aes', msg_signature: sign(token, query.timestamp, query.nonce, encrypted) },
    body: copy
      ? xml.replace('</xml>', `${envelope}</xml>`)
      : `<xml>${element('ToUserName', ACCOUNT.toUser)}${envelope}</xml>`,
  };
}

export async function post(url: string, { query, body }: PushRequest): Promise<Answer> {
  return read(
    await fetch(`${url}?${new URLSearchParams(query)}`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'text/xml' },
    }),
  );
}

export async function get(url: string, query: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const search = String(new URLSearchParams(query));
  return read(await fetch(search ? `${url}?${search}` : url));
}

async function read(response: Response): Promise<Answer> {
  return { status: response.status, body: await response.text(), type: response.headers.get('content-type') ?? '' };
}

/** The text of an element, with or without CDATA. */
export const field = (xml: string, name: string): string | undefined =>
  new RegExp(`<${name}>(?:<!\\[CDATA\\[)?(.*?)(?:\\]\\]>)?</${name}>`, 's').exec(xml)?.[1];
