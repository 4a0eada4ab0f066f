// Judges what the receiver answered to a push: silence, a passive reply, or what makes WeChat show the fault notice.
import { decrypt, sign } from './crypto.ts';
import { Illegal } from './illegal.ts';
import type { PushFacts } from './push-xml.ts';
import { type Reply, readReply } from './reply.ts';
import { type Element, readReplyXml, textOf } from './reply-xml.ts';
import { type Account, keysOf } from './request.ts';

export interface Answer {
  kind: 'success' | 'empty' | 'reply' | 'fault';
  reply?: Reply;
  /** What is odd about a legal answer. */
  notes?: string[];
  /** Of a fault: why, in English and in Chinese. */
  reason?: string;
  reasonZh?: string;
}

/** Throws Illegal when WeChat would not accept this answer. */
export function judgeAnswer(status: number, body: Buffer, account: Account, push: PushFacts): Answer {
  if (status !== 200) {
    throw new Illegal(
      `HTTP ${status}: WeChat takes nothing but 200${hint(status)}`,
      `HTTP ${status}：微信只接受 200${hintZh(status)}`,
    );
  }
  if (body.length === 0) return { kind: 'empty' };
  const text = decode(body);
  if (text === 'success') return { kind: 'success' };
  if (!text.trimStart().startsWith('<')) throw new Illegal(...notXml(text));
  const notes: string[] = [];
  const reply = readReply(openEnvelope(readReplyXml(text), account), push, notes);
  return notes.length === 0 ? { kind: 'reply', reply } : { kind: 'reply', reply, notes };
}

function hint(status: number): string {
  if (status === 401 || status === 403) return '; the receiver refused the push: does its WECHAT_TOKEN differ?';
  if (status === 404) return '; is the path of the receiver right?';
  if (status >= 300 && status < 400) return ', and follows no redirect';
  return '';
}

function hintZh(status: number): string {
  if (status === 401 || status === 403) return '；接收端拒绝了推送：WECHAT_TOKEN 是否一致？';
  if (status === 404) return '；接收端的路径对吗？';
  if (status >= 300 && status < 400) return '，不跟随重定向';
  return '';
}

function decode(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    throw new Illegal('the body is no valid UTF-8', '返回的内容不是 UTF-8');
  }
}

function notXml(text: string): [string, string] {
  const wanted = 'answer "success", nothing, or a reply as XML';
  const wantedZh = '应当返回 success、空内容或 XML';
  if (text.startsWith('\ufeff'))
    return [`the body starts with a byte order mark; ${wanted}`, `返回的内容以 BOM 开头；${wantedZh}`];
  if (text.trim() === 'success') return ['there is white space around "success"', 'success 前后有空白'];
  if (/^["{[]/.test(text)) return [`the body is JSON; ${wanted}`, `返回的是 JSON；${wantedZh}`];
  return [`the body is neither "success" nor XML; ${wanted}`, `返回的既不是 success 也不是 XML；${wantedZh}`];
}

/** The reply itself, out of its envelope where there is one. */
function openEnvelope(root: Element, account: Account): Element {
  const encrypted = 'Encrypt' in root;
  if (account.encryption === 'safe' && !encrypted) {
    throw new Illegal('the reply is plain, but the account is in safe mode', '安全模式下的回复必须加密，这条是明文');
  }
  if (account.encryption === 'plain' && encrypted) {
    throw new Illegal('the reply is encrypted, but the account is in plain mode', '明文模式下的回复不能加密');
  }
  if (!encrypted) return root;
  const sealed = textOf(root, 'Encrypt');
  const signature = sign(account.token, textOf(root, 'TimeStamp'), textOf(root, 'Nonce'), sealed);
  if (textOf(root, 'MsgSignature') !== signature) {
    throw new Illegal('the MsgSignature of the encrypted reply is wrong', '加密回复的 MsgSignature 不对');
  }
  return readReplyXml(opened(sealed, account));
}

function opened(sealed: string, account: Account): string {
  try {
    return decrypt(sealed, keysOf(account));
  } catch (error) {
    throw new Illegal(`the reply cannot be decrypted: ${(error as Error).message}`, '加密的回复无法解密');
  }
}
