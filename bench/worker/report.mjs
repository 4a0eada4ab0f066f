import { ratio, spread } from '../lib/stats.mjs';
import { hundredths, ranged, table, whole } from '../lib/table.mjs';

export function reportWorkers(results, messages) {
  const [bare] = results;
  const column = ({ rounds }, field) => rounds.map((round) => round[field]);
  const rows = results.map((result) => [
    result.title,
    ranged(spread(column(result, 'time')), whole),
    ranged(ratio(column(result, 'time'), column(bare, 'time')), hundredths),
    ranged(spread(column(result, 'cpu')), whole),
    ranged(ratio(column(result, 'cpu'), column(bare, 'cpu')), hundredths),
    ranged(spread(column(result, 'redisCpu')), whole),
  ]);
  return [
    `Handling ${whole(messages)} waiting pushes and delivering a text for each`,
    table(['worker', 'µs/message', '÷ bare', 'CPU µs/message', '÷ bare', 'Redis µs/message'], rows),
  ].join('\n');
}
