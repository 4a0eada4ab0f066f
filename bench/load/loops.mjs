import { performance } from 'node:perf_hooks';
import { quantile } from '../lib/stats.mjs';

/** Every connection sends its next request as soon as it has its answer. */
export function closedLoop(connections, requests) {
  return new Promise((resolve) => {
    const answers = {};
    const started = performance.now();
    let next = 0;
    let open = connections.length;
    for (const connection of connections) {
      const step = () => {
        if (next < requests.length) connection.send(requests[next++], onAnswer);
        else if (--open === 0) resolve({ answers, seconds: (performance.now() - started) / 1000 });
      };
      const onAnswer = (status) => {
        answers[status] = (answers[status] ?? 0) + 1;
        step();
      };
      step();
    }
  });
}

/**
 * Sends at a fixed rate, whatever the answers do. A request that finds every connection busy counts from when it was due,
 * so that a server which stalls does not stop the clock.
 */
export function openLoop(connections, requests, rate) {
  return new Promise((resolve) => {
    const answers = {};
    const times = [];
    const idle = [...connections];
    const overdue = [];
    const started = performance.now();
    let issued = 0;

    const send = (request, due) => {
      const connection = idle.pop();
      connection.send(request, (status) => {
        const now = performance.now();
        answers[status] = (answers[status] ?? 0) + 1;
        times.push(now - due);
        idle.push(connection);
        if (overdue.length > 0) send(...overdue.shift());
        else if (times.length === requests.length) finish(now);
      });
    };
    const finish = (now) => {
      clearInterval(ticker);
      times.sort((a, b) => a - b);
      resolve({ answers, seconds: (now - started) / 1000, p50: quantile(times, 0.5), p99: quantile(times, 0.99) });
    };
    const ticker = setInterval(() => {
      const now = performance.now();
      const due = Math.min(requests.length, Math.floor(((now - started) / 1000) * rate));
      for (; issued < due; issued++) {
        if (idle.length > 0) send(requests[issued], now);
        else overdue.push([requests[issued], now]);
      }
    }, 1);
  });
}
