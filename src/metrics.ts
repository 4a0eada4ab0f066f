import { Counter, Histogram, Registry } from 'prom-client';

/** What this process counts. The monitor serves the sum over all processes, METRICS_PORT this one's. */
export const registry = new Registry();

const counter = <L extends string>(name: string, help: string, labelNames: L[]) =>
  new Counter({ name, help, labelNames, registers: [registry] });

export const pushes = counter('wxrelay_pushes_total', 'Pushes, by their type and by what became of them.', [
  'type',
  'outcome',
]);
export const acks = counter('wxrelay_acks_total', 'Answers to WeChat, by what was answered.', ['answer']);
export const spooled = new Counter({
  name: 'wxrelay_spooled_total',
  help: 'Pushes kept on local disk while Redis was away.',
  registers: [registry],
});
export const redisRefusals = counter(
  'wxrelay_redis_refusals_total',
  'Commands that Redis refused though it was there, by why: a right, its memory, its disk …',
  ['kind'],
);
export const timeouts = new Counter({
  name: 'wxrelay_timeouts_total',
  help: 'Requests of WeChat that were let time out, to answer its repeat of the push; too many, and it stops pushing for a minute.',
  registers: [registry],
});
export const heldSeconds = new Histogram({
  name: 'wxrelay_held_seconds',
  help: 'Time from a push that was held open for its answer to the reply.',
  buckets: [0.1, 0.5, 1, 2, 3, 4, 5],
  registers: [registry],
});
export const ackSeconds = new Histogram({
  name: 'wxrelay_ack_seconds',
  help: 'Time from a push that is not held to the answer; WeChat gives up after 5 s.',
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1, 3, 5],
  registers: [registry],
});
export const runs = counter('wxrelay_runs_total', 'Runs of handlers, by how they ended.', ['handler', 'outcome']);
export const runSeconds = new Histogram({
  name: 'wxrelay_run_seconds',
  help: 'How long handlers ran.',
  buckets: [0.01, 0.1, 0.5, 1, 5, 15, 60, 300, 600],
  registers: [registry],
});
export const sends = counter(
  'wxrelay_sends_total',
  'Customer-service messages, by errcode; "none" where no answer came.',
  ['errcode'],
);
export const parked = new Counter({
  name: 'wxrelay_parked_total',
  help: 'Parts of answers that wait until their user writes again, for the account may not send them now.',
  registers: [registry],
});
export const parkedDropped = new Counter({
  name: 'wxrelay_parked_dropped_total',
  help: 'Parts of answers that were dropped, for their user had not written in 7 days.',
  registers: [registry],
});
export const deadDropped = counter(
  'wxrelay_dead_dropped_total',
  'What was given up on and dropped for good, for it was too old ("age") or there was too much ("count").',
  ['why'],
);
export const fullLanes = counter(
  'wxrelay_full_lanes_total',
  'Pushes of a follower for whom too much waits already: "rejected", or from the local disk and "dead".',
  ['outcome'],
);
export const tokenFetches = counter('wxrelay_token_fetches_total', 'Fetches of the access_token.', ['result']);
export const apiPauses = counter('wxrelay_api_pauses_total', 'Pauses of an API that WeChat wanted called less.', [
  'api',
  'errcode',
]);
export const gatewayRequests = counter(
  'wxrelay_gateway_requests_total',
  'Calls of the gateway: whose, by which entry of its allow-list ("token", "none"), and the HTTP status answered.',
  ['client', 'allowed', 'status'],
);
export const gatewaySeconds = new Histogram({
  name: 'wxrelay_gateway_seconds',
  help: 'How long calls of the gateway took, WeChat and the transfer included.',
  buckets: [0.005, 0.025, 0.1, 0.3, 1, 3, 10, 60],
  registers: [registry],
});
