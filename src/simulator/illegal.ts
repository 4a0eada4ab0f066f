/** An answer that WeChat would refuse; the message says why, `zh` says it in Chinese. */
export class Illegal extends Error {
  override name = 'Illegal' as const;
  zh: string;
  constructor(message: string, zh: string) {
    super(message);
    this.zh = zh;
  }
}
