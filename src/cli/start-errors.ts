import type { ChildProcess } from 'node:child_process';

export interface StartErrors {
  /** Keeps what a child says on stderr until it has loaded; from then on it is passed on as it comes. */
  hold(child: ChildProcess): void;
  /** Forgets what was said: another start begins. */
  clear(): void;
}

/** Several processes that load the same handlers fail with the same words: they are printed once. */
export function createStartErrors(): StartErrors {
  const said = new Set<string>();
  return {
    hold(child) {
      let held = '';
      let loaded = false;
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        if (loaded) process.stderr.write(text);
        else held += text;
      });
      child.once('message', () => {
        loaded = true;
        process.stderr.write(held);
      });
      child.once('close', () => {
        if (loaded || said.has(held)) return;
        said.add(held);
        process.stderr.write(held);
      });
    },
    clear: () => said.clear(),
  };
}
