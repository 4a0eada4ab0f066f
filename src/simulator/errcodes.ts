// The error answers of the API side, worded as WeChat words them; where the simulator knows less than WeChat, it says so.
import { randomBytes } from 'node:crypto';

const MESSAGES: Record<number, string> = {
  [-1]: 'system error',
  40001: 'invalid credential, access_token is invalid or not latest',
  40002: 'invalid grant_type',
  40003: 'invalid openid',
  40004: 'invalid media type',
  40005: 'invalid file type',
  40007: 'invalid media_id',
  40008: 'invalid message type',
  40013: 'invalid appid',
  40033: 'invalid charset. please check your request, if include \\uxxxx will create fail!',
  40066: 'invalid url: the simulator does not have this API',
  40125: 'invalid appsecret',
  40164: 'invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist',
  40009: 'invalid image size',
  40010: 'invalid voice size',
  40011: 'invalid video size',
  40012: 'invalid thumb size',
  41005: 'media data missing',
  41001: 'access_token missing',
  41002: 'appid missing',
  41004: 'appsecret missing',
  42001: 'access_token expired',
  43001: 'require GET method',
  43002: 'require POST method',
  43004: 'require subscribe',
  44002: 'empty post data',
  44003: 'empty news data',
  44004: 'empty content',
  44005: 'empty list size',
  45002: 'content size out of limit',
  45008: 'article size out of limit',
  45009: 'reach max api daily quota limit',
  45011: 'api minute-quota reach limit, must slower, retry next minute',
  45015: 'response out of time limit or subscription is canceled',
  45047: 'out of response count limit',
  45072: 'invalid command',
  45080: 'need sending message to user, or recving message from user in the last 30 seconds before typing',
  45081: 'you are already typing',
  47001: 'data format error',
  48001: 'api unauthorized',
  48008: 'no permission for this msgtype',
  65414: 'invalid session status',
  65415: 'kf is not online',
  65416: 'invalid parameter',
};

export interface ErrorAnswer {
  errcode: number;
  errmsg: string;
}

/** The body of an answer: `ok`, or the error's words and a `rid` to ask support about. */
export function errorAnswer(errcode: number, errmsg = MESSAGES[errcode] ?? 'unknown error'): ErrorAnswer {
  return { errcode, errmsg: errcode === 0 ? 'ok' : `${errmsg} rid: ${newRid()}` };
}

function newRid(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return [seconds, randomBytes(4).toString('hex'), randomBytes(4).toString('hex')].join('-');
}
