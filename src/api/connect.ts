import { DecoratorHandler, type Dispatcher, Pool } from 'undici';
import { proxyFor } from './proxy.ts';

/** Requests of which bytes have been written; each is the object that was given to undici. */
const written = new WeakSet<object>();

/** Notes that a request has got as far as a connection. */
function noteWriting(handler: Dispatcher.DispatchHandler, request: object): Dispatcher.DispatchHandler {
  const noting: Dispatcher.DispatchHandler = new DecoratorHandler(handler);
  const start = noting.onRequestStart?.bind(noting);
  noting.onRequestStart = (controller, context) => {
    start?.(controller, context);
    if (!controller.aborted) written.add(request);
  };
  return noting;
}

/** Connections to one server, through the proxy that the environment names for it. */
export const openPool = (origin: string, options: Pool.Options): Dispatcher =>
  (proxyFor(origin, options) ?? new Pool(origin, options)).compose(
    (dispatch) => (request, handler) => dispatch({ ...request, origin }, noteWriting(handler, request)),
  );

/** Whether a byte of this request was written. If not, a repeat is harmless. */
export const isWritten = (request: object): boolean => written.has(request);
