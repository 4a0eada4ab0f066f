export const handlers = [{ name: 'echo', on: 'text', reply: ({ push }) => push.Content }];
