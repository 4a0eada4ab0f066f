import { once } from 'node:events';
import { connect } from 'node:net';
import { cutMessages } from '../lib/frames.mjs';

/**
 * Keep-alive connections with one request at a time each.
 *
 * @returns {Promise<{ send(request: Buffer, onAnswer: (status: string) => void): void, close(): void }[]>}
 */
export function openConnections(port, count) {
  return Promise.all(Array.from({ length: count }, () => openConnection(port)));
}

async function openConnection(port) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  let answered;
  socket.on(
    'data',
    cutMessages((head) => answered(head.slice(9, 12))),
  );
  // A server that hangs up shows as answers that never came.
  socket.on('error', () => answered?.('cut'));
  socket.on('end', () => answered?.('cut'));
  return {
    send(request, onAnswer) {
      answered = onAnswer;
      socket.write(request);
    },
    close: () => socket.destroy(),
  };
}
