/** The text format of Prometheus, read strictly: anything its documentation does not allow is thrown. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;
const ESCAPES: Record<string, string> = { '\\\\': '\\', '\\"': '"', '\\n': '\n' };

export function parseExposition(text: string): Sample[] {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const types = new Map<string, string>();
  const helps = new Set<string>();
  const seen = new Set<string>();
  const samples: Sample[] = [];
  let family = '';
  for (const line of text.split('\n').filter(Boolean)) {
    const [, word, about = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (word === 'HELP') {
      if (helps.has(about)) throw new Error(`a second HELP: ${line}`);
      helps.add(about);
    } else if (word === 'TYPE') {
      if (types.has(about)) throw new Error(`a second TYPE: ${line}`);
      if (!['counter', 'gauge', 'histogram'].includes(rest)) throw new Error(`unknown type: ${line}`);
      types.set(about, rest);
      family = about;
    } else {
      const sample = parseSample(line);
      const suffixes = types.get(family) === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
      if (!suffixes.some((suffix) => sample.name === family + suffix)) throw new Error(`outside its family: ${line}`);
      const id = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
      if (seen.has(id)) throw new Error(`twice: ${line}`);
      seen.add(id);
      samples.push(sample);
    }
  }
  return samples;
}

function parseSample(line: string): Sample {
  const [, name, labels = '', value] = SAMPLE.exec(line) ?? [];
  if (name === undefined || value === undefined || Number.isNaN(Number(value)))
    throw new Error(`not a sample: ${line}`);
  const pairs = [...labels.matchAll(LABEL)].map(([, label, text = '']) => [
    label,
    text.replace(/\\["\\n]/g, (escaped) => ESCAPES[escaped] as string),
  ]);
  return { name, labels: Object.fromEntries(pairs), value: Number(value) };
}

/** The value of one sample, found by its name and labels. */
export function valueAt(
  samples: readonly Sample[],
  name: string,
  labels: Record<string, string> = {},
): number | undefined {
  const wanted = JSON.stringify(Object.entries(labels).sort());
  return samples.find((s) => s.name === name && JSON.stringify(Object.entries(s.labels).sort()) === wanted)?.value;
}
