// The API server of both sides: hands out a token, and counts what is sent.
import { createServer } from 'node:net';
import { cutMessages } from '../lib/frames.mjs';

const answer = (json) => {
  const body = JSON.stringify(json);
  return Buffer.from(
    `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
};
const TOKEN = answer({ access_token: 'bench-access-token', expires_in: 7200 });
const SENT = answer({ errcode: 0, errmsg: 'ok' });

let missing = 0;

const server = createServer((socket) => {
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on(
    'data',
    cutMessages((head) => {
      const isSend = head.startsWith('POST /cgi-bin/message/custom/send');
      socket.write(isSend ? SENT : TOKEN);
      if (isSend && --missing === 0) process.send({ phase: 'received', at: Date.now() });
    }),
  );
});
server.listen(0, '127.0.0.1', () => process.send({ phase: 'ready', port: server.address().port }));
process.on('message', ({ expect }) => {
  missing = expect;
});
process.on('disconnect', () => process.exit());
process.on('SIGTERM', () => process.exit());
