// What the account does in the fault matrix: a text says how long the work takes and how it goes wrong.
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const note = (what, label) => appendFileSync(process.env.RUN_LOG, `${what} ${label} ${process.pid}\n`);

/** True for the first who asks: a fault that hit every worker in turn would be no fault but the end. */
function first(label) {
  const mark = `${process.env.RUN_LOG}.${label}`;
  if (existsSync(mark)) return false;
  writeFileSync(mark, '');
  return true;
}

export const handlers = [
  {
    name: 'work',
    on: 'text',
    match: /^work (\d+) (\S+)$/,
    async run({ match }) {
      await sleep(Number(match[1]));
      return `done ${match[2]}`;
    },
  },
  {
    name: 'noted',
    on: 'text',
    match: /^noted (\d+) (\S+)$/,
    async run({ match }) {
      note('start', match[2]);
      await sleep(Number(match[1]));
      note('end', match[2]);
      return `done ${match[2]}`;
    },
  },
  {
    name: 'throws',
    on: 'text',
    match: /^throws (\S+)$/,
    run({ match }) {
      note('throws', match[1]);
      throw new Error('this push is poison');
    },
    sorry: ({ Content }) => `sorry ${Content.split(' ')[1]}`,
  },
  {
    name: 'falters',
    on: 'text',
    match: /^falters (\S+)$/,
    run({ match, attempt }) {
      if (attempt === 1) throw new Error('not at the first time');
      return `done ${match[1]}`;
    },
  },
  {
    name: 'crashes',
    on: 'text',
    match: /^crashes (\S+)$/,
    run({ match }) {
      note('crashes', match[1]);
      process.kill(process.pid, 'SIGKILL');
      return new Promise(() => {});
    },
    sorry: ({ Content }) => `sorry ${Content.split(' ')[1]}`,
  },
  {
    name: 'endless',
    on: 'text',
    match: /^endless (\S+)$/,
    timeout: 500,
    attempts: 2,
    run({ match }) {
      note('endless', match[1]);
      return new Promise(() => {});
    },
    sorry: ({ Content }) => `sorry ${Content.split(' ')[1]}`,
  },
  {
    name: 'blocks',
    on: 'text',
    match: /^blocks (\d+) (\S+)$/,
    run({ match }) {
      if (first('blocked')) {
        note('blocks', match[2]);
        const end = performance.now() + Number(match[1]);
        while (performance.now() < end);
        note('unblocks', match[2]);
      }
      return `done ${match[2]}`;
    },
  },
  {
    name: 'replies',
    on: 'text',
    match: /^replies (\S+)$/,
    async reply({ match }) {
      await sleep(20);
      return `reply ${match[1]}`;
    },
    run: ({ match }) => `done ${match[1]}`,
  },
];
