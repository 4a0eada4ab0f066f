// One that holds its pushes open as long as it may, and one that is acked at once.
export const handlers = [
  { name: 'held', on: 'text', match: 'hold', wait: 4000, run: () => undefined },
  { name: 'other', on: 'text', run: () => undefined },
];
