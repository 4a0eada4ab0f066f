import { readFileSync } from 'node:fs';

/** What tests read from test/fixtures. Users are made up; the cipher texts are public test vectors. */
function load<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8')) as T;
}

export interface MessageFixture {
  name: string;
  xml: string;
  expect: Record<string, unknown>;
  /** Compare these fields only. */
  checkExpect?: string[];
  reject?: boolean;
}
export const messages = load<MessageFixture[]>('messages');
export const accepted = messages.filter((fixture) => !fixture.reject);

export interface Vector {
  id: string;
  kind: 'decrypt' | 'encrypt' | 'signature' | 'msg_signature' | 'signature-must-fail';
  token: string;
  encodingAESKey: string;
  appid: string;
  timestamp?: string;
  nonce?: string;
  encrypt: string;
  msg_signature?: string;
  url_signature?: string;
  signature?: string;
  plain: string;
  random?: string;
  padLength?: number;
}
export const vectors = load<Vector[]>('crypto-vectors');

export interface RequestFixture {
  name: string;
  mode: 'any' | 'plaintext' | 'compatible' | 'secure';
  method: 'GET' | 'POST';
  query: Partial<
    Record<'signature' | 'timestamp' | 'nonce' | 'echostr' | 'openid' | 'encrypt_type' | 'msg_signature', string>
  >;
  body: string;
  expect: { accepted?: boolean; rejected?: boolean; status?: number; message?: string; sdkCode?: number };
}
export const { config, requests } = load<{
  config: { token: string; encodingAESKey: string; appid: string; random: string };
  requests: RequestFixture[];
}>('requests');

export const { replies, encryptedEnvelope, illegal } = load<{
  replies: { name: string; reply: never; xml: string }[];
  encryptedEnvelope: {
    config: typeof config;
    plain: string;
    timestamp: string;
    nonce: string;
    encrypt: string;
    msgSignature: string;
    xml: string;
  };
  illegal: { name: string; body: string }[];
}>('replies');

export const csMessages = load<{ messages: { name: string; body: Record<string, unknown> }[] }>('cs-messages').messages;

export interface ErrorCode {
  code: number;
  class: string;
  retry: boolean;
  customerService: boolean;
}
export const errorCodes = load<ErrorCode[]>('error-codes');

export const OPENID = 'oTest0penid_AAAAAAAAAAAAAAA1';
export const ACCOUNT = 'gh_0f1e2d3c4b5a';

/** A push as WeChat writes it: whatever the user wrote stands in the CDATA as it is. */
export function pushXml(type: string, fields: string): string {
  return (
    `<xml><ToUserName><![CDATA[${ACCOUNT}]]></ToUserName>\n<FromUserName><![CDATA[${OPENID}]]></FromUserName>\n` +
    `<CreateTime>1767225600</CreateTime>\n<MsgType><![CDATA[${type}]]></MsgType>\n${fields}\n</xml>`
  );
}

export function textXml(content: string): string {
  return pushXml('text', `<Content><![CDATA[${content}]]></Content>\n<MsgId>24900000000000001</MsgId>`);
}

export function eventXml(event: string, fields = ''): string {
  return pushXml('event', `<Event><![CDATA[${event}]]></Event>\n${fields}`);
}
