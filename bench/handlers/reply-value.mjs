export const handlers = [{ name: 'hello', on: 'text', reply: '你好，客服马上就来。' }];
