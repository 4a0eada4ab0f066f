import type { Registry } from 'prom-client';

/** The sums over all processes as Prometheus reads them; what the registry does not define is left out. */
export async function sumsText(definitions: Registry, sums: ReadonlyMap<string, number>): Promise<string> {
  const families = definitions.getMetricsAsArray().map(({ name }) => familyText(definitions, name, sums));
  return `${(await Promise.all(families)).join('\n\n')}\n`;
}

async function familyText(definitions: Registry, name: string, sums: ReadonlyMap<string, number>): Promise<string> {
  const [help, type, ...own] = (await definitions.getSingleMetricAsString(name)).split('\n');
  // Buckets that stayed empty were never added to the sums, and percentiles go wrong where they are missing.
  const defined = own.map((line) => line.slice(0, line.lastIndexOf(' ')));
  const summed = [...sums.keys()].filter((field) => new RegExp(`^${name}(_bucket|_sum|_count)?(\\{|$)`).test(field));
  const fields = [...new Set([...defined, ...summed])];
  return [help, type, ...fields.map((field) => `${field} ${sums.get(field) ?? 0}`)].join('\n');
}
