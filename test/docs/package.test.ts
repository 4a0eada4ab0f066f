// What npm would publish, as another program has it: its types, its documents, and what these promise of it.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const consumer = mkdtempSync(join(tmpdir(), 'wxrelay-consumer-'));
const packed = join(consumer, 'node_modules/wxrelay');
const bin = (name: string) => join(root, 'node_modules', name);
const run = (file: string, ...args: string[]) => execFileSync(file, args, { cwd: root, encoding: 'utf8' });
let tarball: string;

const PAGES = ['README.md', 'README.zh-CN.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)];
const blocksOf = (page: string): string[] =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => code);

/** What the pages import from wxrelay, and what they call in passing, such as `sceneOf(push)`. */
function namesIn(page: string): string[] {
  const imported = blocksOf(page).flatMap((code) =>
    [...code.matchAll(/import \{([^}]*)\} from 'wxrelay'/g)].flatMap(([, names = '']) => names.split(',')),
  );
  const prose = readFileSync(join(root, page), 'utf8').replace(/```(?!js).*?```/gs, '');
  const called = [...prose.matchAll(/`([a-z]\w*)\([^`)]*\)`|\b([a-z]\w*)\(push\b/g)].map(([, a, b]) => a ?? b ?? '');
  return [...imported, ...called].map((name) => name.trim()).filter((name) => name !== '' && !METHODS.includes(name));
}
/** Of the client. */
const METHODS = ['with'];
/** Named in the comments of exported types. */
const IN_TYPES = ['pushKeys', 'createdAt', 'sceneOf', 'coordinates', 'explainReply'];
const NAMES = [...new Set([...PAGES.flatMap(namesIn), ...IN_TYPES])];

/** What the examples leave to their reader. */
const THEIRS = {
  'yours.ts': `import type { Message, Push } from 'wxrelay';
    export declare const book: (day: string, people: number) => Promise<void>;
    export declare const ask: (push: Push) => Promise<string | Message>;
    export declare const model: { stream(text: string, options: { signal: AbortSignal }): AsyncIterable<string> };`,
  'weather.ts': `import type { AnyHandler } from 'wxrelay'; export declare const weather: AnyHandler;`,
  'handlers.ts': `import type { AnyHandler } from 'wxrelay'; export declare const handlers: readonly AnyHandler[];`,
};
const OTHERS = {
  'names.ts': `import { ${NAMES.join(', ')} } from 'wxrelay';\nexport { ${NAMES.join(', ')} };`,
  'messages.ts': `import { handler, image, type MediaSource, type UploadSource, video } from 'wxrelay';
    export const source: MediaSource = { url: 'https://example.com/a.png' };
    export const upload: UploadSource = { file: 'a.png' };
    export const film = video({ file: 'a.mp4', thumb: source });
    export default handler({ name: 'picture', on: 'text', run: () => image({ url: 'https://example.com/a.png' }) });`,
  'koa.ts': `import Koa from 'koa';
    import type { Receiver } from 'wxrelay';
    export const mount = (receiver: Receiver) => new Koa().use(receiver.middleware);`,
};
const nameOf = (page: string, index: number) => `${page.replace(/\W/g, '_')}_${index}.ts`;
/** The client's page is one program; each block of the others is a module. */
const programs = (page: string): string[] => (page === 'docs/client.md' ? [blocksOf(page).join('\n')] : blocksOf(page));
const EXAMPLES = Object.fromEntries(
  PAGES.flatMap((page) => programs(page).map((code, index): [string, string] => [nameOf(page, index), code])),
);
let said: string;

beforeAll(() => {
  const [{ filename }] = JSON.parse(run('npm', 'pack', '--json', '--ignore-scripts', '--pack-destination', consumer));
  tarball = join(consumer, filename);
  mkdirSync(packed, { recursive: true });
  run('tar', '-xzf', tarball, '-C', packed, '--strip-components=1');
  linkDependencies();
  const files = { ...THEIRS, ...OTHERS, ...EXAMPLES };
  for (const [name, code] of Object.entries(files)) writeFileSync(join(consumer, name), code);
  writeFileSync(join(consumer, 'package.json'), '{"type":"module"}');
  const compilerOptions = {
    target: 'es2023',
    module: 'nodenext',
    types: ['node'],
    strict: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    noEmit: true,
    allowImportingTsExtensions: true,
    preserveSymlinks: true,
  };
  writeFileSync(join(consumer, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: Object.keys(files) }));
  const tsc = [bin('typescript/bin/tsc'), '--pretty', 'false'];
  said = spawnSync(process.execPath, tsc, { cwd: consumer, encoding: 'utf8' }).stdout;
});
afterAll(() => rmSync(consumer, { recursive: true }));

/** What npm would install beside it: what is there for our development alone is not. */
function linkDependencies(): void {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: true }>;
  };
  for (const [path, { dev }] of Object.entries(packages)) {
    if (dev || path === '' || path.lastIndexOf('node_modules/') !== 0 || !existsSync(join(root, path))) continue;
    mkdirSync(dirname(join(consumer, path)), { recursive: true });
    symlinkSync(join(root, path), join(consumer, path), 'junction');
  }
}

const complaints = (about: RegExp) => said.split('\n').filter((line) => about.test(line));

describe('a program that uses the packed tarball, strict and without skipLibCheck, compiles:', () => {
  test.each(NAMES)('%s is exported', (name) => {
    expect(complaints(new RegExp(`^names\\.ts.*'${name}'`))).toEqual([]);
  });

  test.each(Object.keys(OTHERS))('%s', (file) => {
    expect(complaints(new RegExp(`^${file.replace('.', '\\.')}`))).toEqual([]);
  });

  test.each(Object.keys(EXAMPLES))('the example %s', (file) => {
    expect(complaints(new RegExp(`^${file.replace('.', '\\.')}`))).toEqual([]);
  });

  test('and nothing is wrong in any declaration file', () => expect(said).toBe(''));
});

describe('the relative links of the packed', () => {
  const isRelative = (link: string) => !/^(https?:|#|mailto:)/.test(link);

  test.each([...PAGES, 'CHANGELOG.md', 'CONTRIBUTING.md', 'bench/README.md'])('%s lead to packed files', (page) => {
    const text = readFileSync(join(packed, page), 'utf8').replace(/```.*?```|`[^`\n]*`(?!\])/gs, '');
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link.replace(/#.*/, ''));
    const missing = links.filter((link) => link && isRelative(link) && !existsSync(join(packed, dirname(page), link)));
    expect(missing).toEqual([]);
  });
});

test('publint has no complaint', async () => {
  const { messages } = await publint({ pkgDir: packed, pack: false, strict: true });
  expect(messages).toEqual([]);
});

test('its types resolve wherever ES modules do', () => {
  const attw = bin('@arethetypeswrong/cli/dist/index.js');
  const { stdout, status } = spawnSync(process.execPath, [attw, tarball, '--profile', 'esm-only'], {
    encoding: 'utf8',
  });
  expect(status, stdout).toBe(0);
});
