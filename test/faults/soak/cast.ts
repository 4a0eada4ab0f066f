// A receiver and two workers that are started again whenever they die, as a supervisor would.
import type { TestContext } from 'vitest';
import type { Child } from '../../helpers/child.ts';
import type { World } from '../../helpers/world.ts';
import type { Site } from '../site.ts';

export interface Cast {
  readonly receiver: Child;
  /** One after the other. */
  nextWorker(): Child;
  /** Kills it; resolves when it is dead and what it was sending is counted. Its successor is on its way. */
  kill(child: Child): Promise<void>;
  /** Sends that were under way when their worker was killed or frozen: no more may be repeated. */
  readonly underWay: number;
  countSends(): Promise<void>;
}

type Part = { name: 'receiver' | 'worker'; env: Record<string, string>; child: Child };

export async function startCast(
  t: TestContext,
  { world, sendsUnderWay }: Site,
  env: { receiver?: Record<string, string>; worker?: Record<string, string> } = {},
): Promise<Cast> {
  let ending = false;
  t.onTestFinished(() => {
    ending = true;
  });
  const play = async (name: Part['name'], its: Record<string, string> = {}): Promise<Part> => {
    const part = { name, env: its, child: await world.start(name, its) };
    void replace(world, part, () => ending);
    return part;
  };
  const receiver = await play('receiver', env.receiver);
  const workers = await Promise.all([play('worker', env.worker), play('worker', env.worker)]);
  let turn = 0;
  let underWay = 0;
  const countSends = async () => {
    underWay += await sendsUnderWay();
  };
  return {
    get receiver() {
      return receiver.child;
    },
    nextWorker: () => (workers[turn++ % workers.length] as Part).child,
    async kill(child) {
      child.kill('SIGKILL');
      await child.ended;
      if (child !== receiver.child) await countSends();
    },
    get underWay() {
      return underWay;
    },
    countSends,
  };
}

async function replace(world: World, part: Part, ending: () => boolean): Promise<void> {
  while (!ending()) {
    await part.child.ended;
    // Redis may be away: a worker is ready when it is back, and killed meanwhile it is none.
    if (!ending()) part.child = await world.start(part.name, part.env).catch(() => part.child);
  }
}
