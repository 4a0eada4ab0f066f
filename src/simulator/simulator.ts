// The simulator: a local stand-in for WeChat. One port serves the API side, the control API and the chat page.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import { type ActRequest, act } from './act.ts';
import { apiRouter } from './api.ts';
import { controlRouter } from './control.ts';
import { guard } from './guard.ts';
import { servePage, servePicture } from './page.ts';
import { keysOf } from './request.ts';
import { readState, type State } from './state.ts';
import { createWorld, type PushRecord, type SimulatorOptions, type World } from './world.ts';

export type { ActRequest } from './act.ts';
export type { State } from './state.ts';
export type { MessageRecord, PushRecord, SimulatorOptions } from './world.ts';

export interface Simulator {
  /** For WECHAT_API_BASE_URL, and to open in a browser. */
  url: string;
  /** The follower whom the chat page shows when none is named. */
  openid: string;
  /** Lets a follower do something; resolves when the push is answered or given up. */
  push(request: ActRequest): Promise<PushRecord>;
  /** The same as GET /simulator/state. */
  state(): State;
  /** Stops listening and drops what is on its way. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a simulator. Throws an Error that names the setting to change when it cannot. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  if (options.encryption !== 'plain') keysOf(options);
  if (!/^https?:\/\//.test(options.receiverUrl))
    throw new Error(`"${options.receiverUrl}" is not the URL of a receiver`);
  const world = createWorld(options);
  const server = createServer((await createApp(world)).callback());
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  world.url = `http://${urlHost(options.host)}:${port}`;
  options.log?.('simulator.started', { url: world.url, receiver: new URL(options.receiverUrl).origin });
  let closed: Promise<unknown> | undefined;
  const close = async (): Promise<void> => {
    closed ??= stop(server, world);
    await closed;
  };
  return {
    url: world.url,
    openid: world.openid,
    push: (request) => act(world, request),
    state: () => readState(world),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function createApp(world: World): Promise<Koa> {
  const app = new Koa();
  // A closed connection or a refused request is no news; anything else is a bug and has to be seen.
  app.on('error', (error: Error & { expose?: boolean }, ctx?: Koa.Context) => {
    if (error.expose || world.closing.signal.aborted || ctx?.req.socket.destroyed) return;
    world.options.log?.('simulator.error', { error: error.message, stack: error.stack });
  });
  app.use(apiRouter(world).routes());
  app.use(servePicture());
  app.use(guard(world.options.host));
  app.use(controlRouter(world).routes());
  app.use(await servePage());
  return app;
}

async function listen(server: Server, { host, port }: SimulatorOptions): Promise<void> {
  const listening = once(server, 'listening');
  server.listen(port, host);
  try {
    await listening;
  } catch (error) {
    throw new Error(
      `the simulator cannot listen on ${urlHost(host)}:${port}: ${advice(error as NodeJS.ErrnoException)}`,
      {
        cause: error,
      },
    );
  }
}

function advice({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'EADDRINUSE') return 'the port is in use. Set SIMULATOR_PORT to another one (0 takes a free one).';
  if (code === 'EACCES') return 'the port is not allowed. Set SIMULATOR_PORT to one above 1023.';
  return message;
}

async function stop(server: Server, world: World): Promise<void> {
  const closed = once(server, 'close');
  world.closing.abort();
  server.close();
  server.closeAllConnections();
  await closed;
}

/** The address to show: nobody can open 0.0.0.0 on every system. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
