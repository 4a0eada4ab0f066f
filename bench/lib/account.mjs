/** The Official Account of every server measured. */
export const account = {
  token: 'BenchToken0123456789',
  appId: 'wx0123456789abcdef',
  appSecret: 'bench-app-secret',
  encodingAESKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
};

export const PATH = '/wechat';
