// Who follows the account, what each may be sent, and who is being shown the typing state.
import type { PushFacts } from './push-xml.ts';
import { openingOf, refusal, type Window, widened } from './window.ts';

export interface Follower {
  openid: string;
  following: boolean;
  window?: Window;
  /** When account and follower last said something to each other. */
  lastExchange: number;
  /** Until when 对方正在输入 is shown. */
  typingUntil: number;
}

const TYPING_MS = 15_000;
const EXCHANGE_MS = 30_000;

export class Followers {
  readonly #all = new Map<string, Follower>();
  readonly #now: () => number;
  readonly #counts: boolean;
  readonly #changed: (follower: Follower) => void;

  constructor(now: () => number, counts: boolean, changed: (follower: Follower) => void) {
    this.#now = now;
    this.#counts = counts;
    this.#changed = changed;
  }

  list(): Follower[] {
    return [...this.#all.values()];
  }

  get(openid: string): Follower | undefined {
    return this.#all.get(openid);
  }

  /** The follower of this openid, who becomes one now if nobody knew them. */
  meet(openid: string): Follower {
    const known = this.#all.get(openid);
    if (known !== undefined) return known;
    const follower = { openid, following: true, lastExchange: 0, typingUntil: 0 };
    this.#all.set(openid, follower);
    return follower;
  }

  /** What the follower did opens, keeps or shuts the window. */
  acted(push: PushFacts): void {
    const follower = this.meet(push.openid);
    const event = push.event?.toLowerCase();
    const opening = openingOf(push);
    if (opening !== undefined) {
      follower.window = widened(follower.window, opening, this.#now());
      follower.lastExchange = this.#now();
    }
    if (event === 'subscribe') follower.following = true;
    if (event === 'unsubscribe') {
      follower.following = false;
      delete follower.window;
    }
    this.#changed(follower);
  }

  /** Counts a customer-service message, or answers the errcode that forbids it. */
  send(openid: string): 0 | 40003 | 45015 | 45047 {
    const follower = this.#all.get(openid);
    if (follower === undefined) return 40003;
    const refused = follower.following ? refusal(follower.window, this.#now()) : 45015;
    if (refused === 45047 && !this.#counts) return 0;
    if (refused !== 0 || follower.window === undefined) return refused;
    follower.window.left -= 1;
    follower.lastExchange = this.#now();
    follower.typingUntil = 0;
    this.#changed(follower);
    return 0;
  }

  typing(openid: string, on: boolean): 0 | 40003 | 45080 | 45081 {
    const follower = this.#all.get(openid);
    if (follower === undefined) return 40003;
    const now = this.#now();
    if (on && now - follower.lastExchange > EXCHANGE_MS) return 45080;
    if (on && now < follower.typingUntil) return 45081;
    follower.typingUntil = on ? now + TYPING_MS : 0;
    this.#changed(follower);
    return 0;
  }
}
