import { createServer } from 'node:http';
import { listen } from '../listen.ts';
import { registry } from '../metrics.ts';

/** Serves what this process alone counts, on 127.0.0.1 only, where METRICS_PORT asks for it. */
export async function serveMetrics(port: number | undefined): Promise<void> {
  if (port === undefined) return;
  const server = createServer(async ({ url }, response) => {
    response.statusCode = url === '/metrics' ? 200 : 404;
    response.setHeader('content-type', registry.contentType);
    response.end(url === '/metrics' ? await registry.metrics() : '');
  });
  await listen(server, port, '127.0.0.1', 'METRICS_PORT');
  server.unref();
}
