import { createServer } from 'node:http';

/** Serves a Koa app on a free port, says so, and ends with its parent. */
export function serve(app) {
  const server = createServer(app.callback());
  server.listen(0, '127.0.0.1', () => process.send({ phase: 'ready', port: server.address().port }));
  process.on('disconnect', () => process.exit());
  process.on('SIGTERM', () => process.exit());
}
