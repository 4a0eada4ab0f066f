// Where in a module of the user's an error lies, for one who has to mend it there.
import { spawnSync } from 'node:child_process';

/** The first lines of an error's stack that are neither Node's, nor a package's, nor those of the commands here. */
export function placesOf({ name, message, stack = '' }: Error, url: string): string[] {
  const places = placesIn(stack.replace(message, ''));
  return places.length === 0 && name === 'SyntaxError' ? placeOfSyntaxError(url) : places.slice(0, 3);
}

/** Node prints the place of a wrong syntax where it ends a process, but does not put it into the error. Nothing is run. */
function placeOfSyntaxError(url: string): string[] {
  const program = `await import(${JSON.stringify(url)})`;
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' });
  return placesIn(stderr).slice(0, 1);
}

const PLACE = /^\s*(at .*)?(file:\/\/|\/|[A-Z]:\\).*:\d+\)?$/;
const HERE = new URL('.', import.meta.url).href;

const placesIn = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => PLACE.test(line) && !/node:|node_modules/.test(line) && !line.includes(HERE))
    .map((line) => line.trim());
