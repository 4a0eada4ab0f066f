import { existsSync } from 'node:fs';
import { extname, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ConfigError, toError } from '../errors.ts';
import { checkHandlers } from '../handlers/check.ts';
import type { AnyHandler } from '../handlers/definition.ts';
import { checkTexts, type Texts } from '../handlers/texts.ts';
import type { Logger } from '../log.ts';
import { placesOf } from './place-of-error.ts';

/** The handlers that come with wxrelay, in the form in which this file itself runs. */
export const defaultHandlersFile = (): string =>
  fileURLToPath(new URL(`../../workers/handlers/index${extname(import.meta.url)}`, import.meta.url));

/** What the account does and what it says by itself. */
export interface Loaded {
  readonly handlers: readonly AnyHandler[];
  readonly texts: Texts;
}

/** Loads the module of `--handlers`: JavaScript as it is, TypeScript through tsx. */
export async function loadHandlers(given: string | undefined, log: Logger): Promise<Loaded> {
  const file = given ? resolve(given) : defaultHandlersFile();
  const shown = relative(process.cwd(), file) || file;
  if (!existsSync(file)) throw new ConfigError([`--handlers names a file that does not exist: ${shown}`]);
  const module = await importModule(file, shown);
  const { handlers, warnings } = checkHandlers(module['handlers'], shown);
  const { texts, warnings: ofTexts } = checkTexts(module['texts'], shown);
  for (const why of [...warnings, ...ofTexts]) log.warn({ why }, 'handlers.ignored_option');
  return { handlers, texts };
}

/** For both kinds of package. tsImport would load wxrelay a second time beside this one, which ioredis does not survive. */
async function understandTypeScript(): Promise<void> {
  const [cjs, esm] = await Promise.all([import('tsx/cjs/api'), import('tsx/esm/api')]);
  cjs.register();
  esm.register();
}

async function importModule(file: string, shown: string): Promise<Record<string, unknown>> {
  const url = pathToFileURL(file).href;
  // What is loaded from here on says where it stands in its source; earlier it would cost every start.
  process.setSourceMapsEnabled(true);
  try {
    if (/\.[cm]?tsx?$/.test(file)) await understandTypeScript();
    const module = await import(url);
    // A CommonJS package's exports are all in `default`.
    return 'handlers' in module ? module : { ...module.default };
  } catch (error) {
    // What a handler reads at start may have been put wrongly; that of another copy of wxrelay is no instance of ours.
    if (toError(error).name === 'ConfigError') throw new ConfigError((error as ConfigError).problems);
    throw new ConfigError([
      [`${shown} cannot be loaded: ${toError(error).message}`, ...placesOf(toError(error), url)].join('\n    '),
    ]);
  }
}
