import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const page = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

test.each(['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'NODE_OPTIONS=--dns-result-order=ipv4first'])(
  'both READMEs and docs/client.md name %s',
  (name) => {
    for (const file of ['README.md', 'README.zh-CN.md', 'docs/client.md']) expect(page(file), file).toContain(name);
  },
);
