// Slow work only: the push is answered with `success` once it is durable.
export const handlers = [{ name: 'answer', on: 'text', run: ({ push }) => `收到：${push.Content}` }];
