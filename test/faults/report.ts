// The table at the end of a run: each row's test writes its figures into a file, and the last one out prints them.
import { appendFileSync, readFileSync } from 'node:fs';
import type { Figures } from './figures.ts';

export interface Row extends Figures {
  readonly fault: string;
  /** Pushes whose trace says that a send may have arrived. */
  readonly inDoubt: number;
}

const COLUMNS: readonly [string, (row: Row) => string | number][] = [
  ['fault', ({ fault }) => fault],
  ['accepted', ({ accepted }) => accepted],
  ['refused', ({ refused }) => refused],
  ['lost', ({ lost }) => lost],
  ['out of order', ({ outOfOrder }) => outOfOrder],
  ['repeated', ({ repeated }) => repeated],
  ['in doubt', ({ inDoubt }) => inDoubt],
  ['slowest ack, ms', ({ slowestAck }) => slowestAck],
  ['recovery, s', ({ recovery }) => recovery],
];

export const noteRow = (file: string, row: Row) => appendFileSync(file, `${JSON.stringify(row)}\n`);

export function tableOf(file: string): string {
  const rows = readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Row)
    .sort((a, b) => a.fault.localeCompare(b.fault, 'en', { numeric: true }));
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  const head = [line(COLUMNS.map(([name]) => name)), line(COLUMNS.map((_, n) => (n === 0 ? '---' : '---:')))];
  return [...head, ...rows.map((row) => line(COLUMNS.map(([, cell]) => cell(row))))].join('\n');
}
