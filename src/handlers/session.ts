/**
 * What `session` of `run` holds. It is one object for each user and queue, shared by the handlers of that queue: hence one
 * type, to which a module adds its fields. A field that nobody declared is `unknown`. Only what JSON can write is kept.
 *
 * ```ts
 * declare module 'wxrelay' {
 *   interface Session {
 *     city?: string;
 *   }
 * }
 * ```
 */
export interface Session {
  [field: string]: unknown;
}
