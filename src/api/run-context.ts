// What this floor adds to what `run` gets; the floor of the handlers is below it and does not know it.
import type { WeChat } from './client.ts';

declare module '../handlers/definition.ts' {
  interface RunContext<P, M> {
    /**
     * The API of this push's account, with its token: for what is more than an answer, such as tags, templates or material.
     * Messages sent by it are outside the order, the limits and the retries of answers. On an account without an AppSecret
     * its calls throw TypeError.
     */
    readonly wechat: WeChat;
  }
}
