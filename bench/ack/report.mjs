import { ratio, spread } from '../lib/stats.mjs';
import { hundredths, ranged, table, tenths, whole } from '../lib/table.mjs';
import { CONNECTIONS } from '../load/load.mjs';

/** What the ratios are made with: a column each. */
const BASES = [
  ['co-wechat', '÷ co-wechat'],
  ['koa', '÷ Koa'],
];

/** What one thing costs on top of another: id, and what it is compared with. */
const PAIRS = [
  ['safe', 'run'],
  ['run-debug', 'run'],
];

export function reportAcks(results) {
  const column = (result, field) => result.rounds.map((round) => round[field]);
  const base = (id) => results.find((result) => result.id === id);
  const costs = results.map((result) => [
    result.title,
    ranged(spread(column(result, 'rate')), whole),
    ...BASES.map(([id]) => ranged(ratio(column(result, 'rate'), column(base(id), 'rate')), hundredths)),
    ranged(spread(column(result, 'cpu')), tenths),
    ...BASES.map(([id]) => ranged(ratio(column(result, 'cpu'), column(base(id), 'cpu')), hundredths)),
  ]);
  const rest = results.map((result) => [
    result.title,
    ranged(spread(column(result, 'p50')), hundredths),
    ranged(spread(column(result, 'p99')), hundredths),
    ranged(spread(column(result, 'busy')), hundredths),
    ranged(spread(column(result, 'redisCpu')), tenths),
    ranged(spread(column(result, 'loadCpu')), tenths),
  ]);
  const pairs = PAIRS.map(([id, other]) => [base(id), base(other)])
    .filter(([one, other]) => one && other)
    .map(([one, other]) => [
      `${one.title} ÷ ${other.title}`,
      ...['rate', 'cpu'].map((field) => ranged(ratio(column(one, field), column(other, field)), hundredths)),
    ]);
  const byBase = BASES.map(([, title]) => title);
  return [
    `Answering pushes, as fast as they come (${CONNECTIONS} connections, one user a push)`,
    table(['server', 'pushes/s', ...byBase, 'CPU µs/push', ...byBase], costs),
    '',
    'The same: time to the answer at half that rate, and who used the machine at the full rate',
    table(['server', 'p50 ms', 'p99 ms', 'cores used', 'Redis µs/push', 'load µs/push'], rest),
    '',
    'One against the other',
    table(['', 'pushes/s', 'CPU µs/push'], pairs),
  ].join('\n');
}
