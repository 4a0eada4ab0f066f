import { fileURLToPath } from 'node:url';
import { startChild } from '../lib/child.mjs';

/** Keep-alive, one request at a time on each. */
export const CONNECTIONS = 64;

const MAIN = fileURLToPath(new URL('./main.mjs', import.meta.url));

/** The load generator's end in this process. */
export async function startLoad(dir, name = 'load') {
  const { child, stop } = await startChild([MAIN], { dir, name });
  const open = new Map();
  let last = 0;
  child.on('message', ({ id, result, error }) => {
    const { resolve, reject } = open.get(id) ?? {};
    open.delete(id);
    if (error) reject?.(new Error(error));
    else resolve?.(result);
  });
  child.once('exit', () => {
    for (const { reject } of open.values()) reject(new Error('the load generator died'));
  });
  const ask = (job, options = {}) =>
    new Promise((resolve, reject) => {
      open.set(++last, { resolve, reject });
      child.send({ id: last, job, options });
    });
  return {
    /** @param {{ port: number, connections?: number, pushes: { count: number, perUser?: number, text?: string, encrypted?: boolean } }} options */
    prepare: (options) => ask('prepare', { connections: CONNECTIONS, ...options }),
    /** Throws unless every push was answered with 200: refused ones are cheap, and would make a fast server. */
    async run(options) {
      const result = await ask('run', options);
      if (result.answers['200'] !== result.count)
        throw new Error(`not every push was answered with 200: ${JSON.stringify(result.answers)}`);
      return result;
    },
    stop,
  };
}
