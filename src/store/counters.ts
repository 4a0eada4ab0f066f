import type { Redis } from 'ioredis';
import { registry } from '../metrics.ts';
import { countersKey } from './keys.ts';

/** Adds what this process counted to the sums of all processes, once a second; nobody waits for it. */
export function publishCounters(redis: Redis, prefix: string): { stop(): Promise<void> } {
  const published = new Map<string, number>();
  let publishing = false;
  const publish = async () => {
    // What queues up while Redis is away would all be added when it is back.
    if (publishing || redis.status !== 'ready') return;
    publishing = true;
    try {
      await add();
    } finally {
      publishing = false;
    }
  };
  const add = async () => {
    const grown = (await currentValues()).filter(([field, value]) => value > (published.get(field) ?? 0));
    if (grown.length === 0) return;
    const pipeline = redis.multi();
    for (const [field, value] of grown)
      pipeline.hincrbyfloat(countersKey(prefix), field, value - (published.get(field) ?? 0));
    // Noted only once it has been added: what could not be added is part of the next growth.
    if (await pipeline.exec()) for (const [field, value] of grown) published.set(field, value);
  };
  const timer = setInterval(() => void publish().catch(() => undefined), 1000);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await publish().catch(() => undefined);
    },
  };
}

/** Each counter and bucket under its name and labels, as Prometheus writes them. */
async function currentValues(): Promise<[string, number][]> {
  const families = await registry.getMetricsAsJSON();
  return families.flatMap(({ name, values }) =>
    (values as { value: number; labels: object; metricName?: string }[]).map(
      ({ value, labels, metricName }): [string, number] => [`${metricName ?? name}${labelsOf(labels)}`, value],
    ),
  );
}

function labelsOf(labels: object): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(String(value))}`);
  return pairs.length > 0 ? `{${pairs.join(',')}}` : '';
}

/** The sums over all processes since the installation began. */
export async function readCounters(redis: Redis, prefix: string): Promise<Map<string, number>> {
  const all = await redis.hgetall(countersKey(prefix));
  return new Map(Object.entries(all).map(([field, value]) => [field, Number(value)]));
}
