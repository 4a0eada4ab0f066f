// WeChat counts calls per day and names no hour; midnight in China, which keeps no summer time, is assumed.

const HOUR = 3_600_000;
const CHINA = 8 * HOUR;
const DAY = 24 * HOUR;

/** The day of a moment in China, as `2026-01-31`. */
export const quotaDay = (at: number): string => new Date(at + CHINA).toISOString().slice(0, 10);

/** When the quota of that day is renewed, in milliseconds since 1970. */
export const quotaRenewal = (at: number): number => (Math.floor((at + CHINA) / DAY) + 1) * DAY - CHINA;
