// One push as the HTTP request WeChat makes of it: query and body, in each of the three encryption modes.
import { randomInt } from 'node:crypto';
import { type CipherKeys, encrypt, sign } from './crypto.ts';

export type Encryption = 'plain' | 'compatible' | 'safe';

export interface Account {
  token: string;
  appId: string;
  encodingAESKey?: string;
  encryption: Encryption;
}

export interface PushRequest {
  url: string;
  body: string;
}

/** Signs with a fresh timestamp and nonce. Every attempt of a push repeats the same request, to the byte. */
export function signedRequest(
  receiverUrl: string,
  account: Account,
  push: { xml: string; openid: string; to: string },
): PushRequest {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const nonce = String(randomInt(100_000_000, 2_000_000_000));
  const query: [string, string][] = [
    ['signature', sign(account.token, timestamp, nonce)],
    ['timestamp', timestamp],
    ['nonce', nonce],
    ['openid', push.openid],
  ];
  let body = push.xml;
  if (account.encryption !== 'plain') {
    const encrypted = encrypt(push.xml, keysOf(account));
    query.push(['encrypt_type', 'aes'], ['msg_signature', sign(account.token, timestamp, nonce, encrypted)]);
    body = account.encryption === 'safe' ? sealed(push.to, encrypted) : withEncrypt(push.xml, encrypted);
  }
  return { url: withQuery(receiverUrl, query), body };
}

export function keysOf(account: Account): CipherKeys {
  if (account.encodingAESKey === undefined) {
    throw new Error(`encryption "${account.encryption}" needs an EncodingAESKey: set WECHAT_ENCODING_AES_KEY`);
  }
  return { encodingAESKey: account.encodingAESKey, appId: account.appId };
}

/** Appends parameters in the given order; URLSearchParams would escape what WeChat leaves alone. */
export function withQuery(url: string, query: [string, string][]): string {
  const text = query.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  return `${url}${url.includes('?') ? '&' : '?'}${text}`;
}

function sealed(to: string, encrypted: string): string {
  return `<xml>\n    <ToUserName><![CDATA[${to}]]></ToUserName>\n    <Encrypt><![CDATA[${encrypted}]]></Encrypt>\n</xml>\n`;
}

function withEncrypt(xml: string, encrypted: string): string {
  const element = `<Encrypt><![CDATA[${encrypted}]]></Encrypt>\n`;
  const end = xml.lastIndexOf('</xml>');
  return end === -1 ? xml + element : xml.slice(0, end) + element + xml.slice(end);
}
