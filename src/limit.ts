/** So many in a while, as `20/min`: how handlers and the gateway's file write a limit. */
export interface Rate {
  readonly count: number;
  readonly seconds: number;
}

const SECONDS = { s: 1, min: 60, hour: 3600, h: 3600, day: 86_400 } as const;

export type RateUnit = keyof typeof SECONDS;

/** `undefined` where it is none. */
export function readRate(text: string): Rate | undefined {
  const [, count, unit = ''] = /^([1-9]\d{0,8})\/([a-z]+)$/.exec(text) ?? [];
  return count !== undefined && Object.hasOwn(SECONDS, unit)
    ? { count: Number(count), seconds: SECONDS[unit as RateUnit] }
    : undefined;
}

/** For those who wrote one wrongly. */
export const HOW_TO_WRITE_A_RATE = 'write it as a number, "/", and s, min, hour or day, such as \'20/min\'';
