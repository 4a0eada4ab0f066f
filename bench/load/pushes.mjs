// The requests, made before the clock starts: signed, encrypted where asked for, each with a MsgId of its own.
import { encrypt, sign } from '../../dist/src/simulator/crypto.js';
import { buildPush, newOpenid } from '../../dist/src/simulator/push-xml.js';
import { account, PATH } from '../lib/account.mjs';

const ORIGINAL_ID = 'gh_0123456789ab';
const TEXT = '今天下午三点以后杭州还会下雨吗？我想带孩子去西湖边走走。';

let msgId = BigInt(Date.now()) * 100_000n + 10n ** 18n;

/**
 * Text pushes by their fields; a user's are spread over the whole list.
 *
 * @param {{ count: number, perUser?: number, text?: string }} options
 */
export function texts({ count, perUser = 1, text = TEXT }) {
  const users = Array.from({ length: Math.ceil(count / perUser) }, newOpenid);
  const CreateTime = String(Math.floor(Date.now() / 1000));
  return Array.from({ length: count }, (_, i) => {
    msgId += 1n;
    const [FromUserName, MsgId] = [users[i % users.length], String(msgId)];
    return { ToUserName: ORIGINAL_ID, FromUserName, CreateTime, MsgType: 'text', Content: text, MsgId };
  });
}

/**
 * @param {{ count: number, perUser?: number, text?: string, encrypted?: boolean }} options
 * @returns {Buffer[]}
 */
export function buildRequests({ encrypted = false, ...options }) {
  return texts(options).map(({ FromUserName: openid, CreateTime: timestamp, MsgId, Content }, i) => {
    const nonce = String(1_000_000_000 + i);
    const header = { openid, account: ORIGINAL_ID, createTime: Number(timestamp), msgId: MsgId };
    const xml = buildPush(header, { text: Content });
    const query = `signature=${sign(account.token, timestamp, nonce)}&timestamp=${timestamp}&nonce=${nonce}&openid=${openid}`;
    return encrypted ? sealed(xml, query, timestamp, nonce) : request(query, xml);
  });
}

function sealed(xml, query, timestamp, nonce) {
  const cipher = encrypt(xml, account);
  const signature = sign(account.token, timestamp, nonce, cipher);
  const body = `<xml>\n    <ToUserName><![CDATA[${ORIGINAL_ID}]]></ToUserName>\n    <Encrypt><![CDATA[${cipher}]]></Encrypt>\n</xml>\n`;
  return request(`${query}&encrypt_type=aes&msg_signature=${signature}`, body);
}

/** The headers are those of WeChat's servers. */
function request(query, body) {
  return Buffer.from(
    `POST ${PATH}?${query} HTTP/1.1\r\nUser-Agent: Mozilla/4.0\r\nAccept: */*\r\nHost: 127.0.0.1\r\nPragma: no-cache\r\n` +
      `Connection: Keep-Alive\r\nContent-Type: text/xml\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
