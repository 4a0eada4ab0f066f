// access_token as WeChat hands it out: the legacy endpoint, the stable one, and which of their tokens still work.
import { randomName } from './push-xml.ts';

export interface TokenAnswer {
  access_token: string;
  expires_in: number;
}

export interface Tokens {
  legacy(): TokenAnswer;
  /** Undefined when the 20 forced refreshes of a day are used up. */
  stable(force: boolean): TokenAnswer | undefined;
  /** 0, or the errcode that a call with this token gets. */
  check(token: string | null): 0 | 40001 | 41001 | 42001;
  revoke(): void;
  readonly settings: TokenSettings;
}

export interface TokenSettings {
  /** Does the previous legacy token work for five more minutes? Real accounts were seen where it does not. */
  tokenOverlap: boolean;
  /** How long a token lives. */
  tokenSeconds: number;
}

interface Token {
  text: string;
  expires: number;
  /** From then on a newer token counts, and this one is "not latest". */
  superseded: number;
}

const OVERLAP_MS = 5 * 60_000;
const FORCE_PAUSE_MS = 30_000;
const FORCES_A_DAY = 20;
const DAY_MS = 86_400_000;
const REMEMBERED = 1000;

export function createTokens(now: () => number): Tokens {
  const settings: TokenSettings = { tokenOverlap: true, tokenSeconds: 7200 };
  const known = new Map<string, Token>();
  let newest: Token | undefined;
  let previous: Token | undefined;
  let stable: Token | undefined;
  let forces: number[] = [];

  function issue(): Token {
    const token = {
      text: `99_${randomName(133)}`,
      expires: now() + settings.tokenSeconds * 1000,
      superseded: Infinity,
    };
    known.set(token.text, token);
    if (known.size > REMEMBERED) forgetTheDead();
    return token;
  }

  function forgetTheDead(): void {
    for (const { text, superseded, expires } of known.values()) {
      if (now() >= Math.min(superseded, expires)) known.delete(text);
    }
  }

  function answer(token: Token): TokenAnswer {
    return { access_token: token.text, expires_in: Math.ceil((token.expires - now()) / 1000) };
  }

  return {
    settings,
    legacy() {
      if (previous !== undefined) previous.superseded = now();
      if (newest !== undefined) newest.superseded = now() + (settings.tokenOverlap ? OVERLAP_MS : 0);
      previous = newest;
      newest = issue();
      return answer(newest);
    },
    stable(force) {
      const margin = Math.min(OVERLAP_MS, settings.tokenSeconds * 500);
      const renew = stable === undefined || now() >= stable.expires - margin;
      forces = forces.filter((at) => now() - at < DAY_MS);
      const forced = force && now() - (forces.at(-1) ?? -Infinity) >= FORCE_PAUSE_MS;
      if (forced) {
        if (forces.length >= FORCES_A_DAY) return undefined;
        forces.push(now());
        if (stable !== undefined) stable.superseded = now();
      }
      if (stable === undefined || renew || forced) stable = issue();
      return answer(stable);
    },
    check(text) {
      if (text === null || text === '') return 41001;
      const token = known.get(text);
      if (token === undefined || now() >= token.superseded) return 40001;
      return now() >= token.expires ? 42001 : 0;
    },
    revoke() {
      for (const token of known.values()) token.superseded = now();
      newest = previous = stable = undefined;
    },
  };
}
