import type { AnyHandler } from './definition.ts';

/** Handlers by what their pushes call them: their names, and those that they had before. */
export const handlersByName = (handlers: readonly AnyHandler[]): ReadonlyMap<string, AnyHandler> =>
  new Map(handlers.flatMap((handler) => [handler.name, ...(handler.formerly ?? [])].map((name) => [name, handler])));
