/**
 * The servers of WeChat's API: the general one, the one for disaster recovery, then those of single regions. (Official page:
 * 接口域名说明.)
 */
const OFFICIAL = [
  'https://api.weixin.qq.com',
  'https://api2.weixin.qq.com',
  'https://sh.api.weixin.qq.com',
  'https://sz.api.weixin.qq.com',
  'https://hk.api.weixin.qq.com',
];

/** After this time the first server is tried again, in milliseconds. */
const BACK_TO_THE_FIRST = 300_000;

/** The servers to use for a base URL, the first before the others. Whoever names another server means that one alone. */
export function serversOf(baseUrl: string): readonly string[] {
  return new URL(baseUrl).href === `${OFFICIAL[0]}/` ? OFFICIAL : [baseUrl];
}

/** Which of several servers to use now. */
export interface Choice<T> {
  current(): T;
  /** `failed` did not answer: the next one is used for a while. */
  moveOn(failed: T): void;
}

export function chooseAmong<T>(all: readonly [T, ...T[]], now: () => number): Choice<T> {
  let index = 0;
  let until = 0;
  return {
    current() {
      if (index !== 0 && now() >= until) index = 0;
      return all[index] ?? all[0];
    },
    moveOn(failed) {
      if (this.current() !== failed) return;
      index = (index + 1) % all.length;
      until = now() + BACK_TO_THE_FIRST;
    },
  };
}
