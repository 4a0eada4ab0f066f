// A receiver that keeps what it was sent and answers what the test says.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  method: string;
  url: string;
  httpVersion: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Called with each request and its number from 1. A string is the body of a 200; undefined leaves the request open. */
export type Answerer = (received: Received, number: number, response: ServerResponse) => string | undefined;

export async function startFakeReceiver(answer: Answerer, port = 0) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { method = '', url = '', httpVersion, headers } = request;
    const entry = { method, url, httpVersion, headers, body };
    if (method === 'GET') {
      response.end(new URL(url, 'http://fake').searchParams.get('echostr'));
      return;
    }
    received.push(entry);
    const text = answer(entry, received.length, response);
    if (text !== undefined) response.end(text);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  const { port: taken } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${taken}/wechat`, received, close, [Symbol.asyncDispose]: close };
}

/** A legal text reply to a plain push. */
export function textReply(push: string, content: string): string {
  const field = (name: string): string => new RegExp(`<${name}><!\\[CDATA\\[(.*?)\\]\\]>`).exec(push)?.[1] ?? '';
  return [
    `<xml><ToUserName><![CDATA[${field('FromUserName')}]]></ToUserName>`,
    `<FromUserName><![CDATA[${field('ToUserName')}]]></FromUserName>`,
    '<CreateTime>1767225600</CreateTime><MsgType><![CDATA[text]]></MsgType>',
    `<Content><![CDATA[${content}]]></Content></xml>`,
  ].join('');
}
