import type { Redis } from 'ioredis';
import { registry } from '../metrics.ts';
import { readCounters } from '../store/counters.ts';
import { type GaugeSources, readGauges } from './gauges.ts';
import { sumsText } from './sums.ts';

export const METRICS_TYPE = registry.contentType;

/** What all processes have counted, and how much is waiting now. */
export async function metricsText(redis: Redis, prefix: string, sources: GaugeSources): Promise<string> {
  const [sums, gauges] = await Promise.all([readCounters(redis, prefix), readGauges(redis, sources)]);
  return `${await sumsText(registry, sums)}\n${await gauges.metrics()}`;
}
