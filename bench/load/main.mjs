// The load generator, a process of its own. `prepare` builds requests and connects; `run` sends them.

import { openConnections } from './connections.mjs';
import { closedLoop, openLoop } from './loops.mjs';
import { buildRequests } from './pushes.mjs';

let prepared;

const jobs = {
  async prepare({ port, connections, pushes }) {
    prepared = { requests: buildRequests(pushes), connections: await openConnections(port, connections) };
  },
  /** Without `rate`: as fast as the server answers. */
  async run({ rate }) {
    const { requests, connections } = prepared;
    const cpu = process.cpuUsage();
    const result = await (rate ? openLoop(connections, requests, rate) : closedLoop(connections, requests));
    const { user, system } = process.cpuUsage(cpu);
    for (const connection of connections) connection.close();
    return { ...result, count: requests.length, loadCpu: user + system };
  },
};

process.on('message', async ({ id, job, options }) => {
  try {
    process.send({ id, result: await jobs[job](options) });
  } catch (error) {
    process.send({ id, error: error.stack });
  }
});
process.on('disconnect', () => process.exit());
process.send({ phase: 'ready' });
