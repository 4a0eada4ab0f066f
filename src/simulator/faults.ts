// Faults that tests order for the next calls of an API path.

export const SEND_PATH = '/cgi-bin/message/custom/send';

export interface Fault {
  path: string;
  /** Only calls about this follower: sends. They can be answered an errcode, nothing else. */
  openid?: string;
  /** Answer this errcode. */
  errcode?: number;
  errmsg?: string;
  /** Answer this HTTP status with a gateway's HTML. */
  status?: number;
  /** Wait so long before answering. */
  delayMs?: number;
  /** Cut the connection in the middle of the answer. */
  cut?: boolean;
  /** Does the call take effect all the same? Default: only where nothing but `delayMs` or `cut` is asked for. */
  effect?: boolean;
  /** How many calls it hits. Default 1. */
  times?: number;
  /** How many calls to let pass first. Default 0. */
  after?: number;
}

/** Reads a fault from JSON. Throws an Error that names the wrong field. */
export function readFault(value: { [name: string]: unknown }): Fault {
  const kinds: Record<keyof Fault, 'string' | 'number' | 'boolean'> = {
    path: 'string',
    openid: 'string',
    errcode: 'number',
    errmsg: 'string',
    status: 'number',
    delayMs: 'number',
    cut: 'boolean',
    effect: 'boolean',
    times: 'number',
    after: 'number',
  };
  for (const [name, field] of Object.entries(value)) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name as keyof Fault] : undefined;
    if (kind === undefined)
      throw new Error(`a fault has no field "${name}"; there are: ${Object.keys(kinds).join(', ')}`);
    if (typeof field !== kind) throw new Error(`"${name}" of a fault has to be a ${kind}`);
  }
  const fault = value as unknown as Fault;
  if (typeof fault.path !== 'string') throw new Error('a fault needs a "path", such as "/cgi-bin/message/custom/send"');
  if (!['errcode', 'status', 'delayMs', 'cut'].some((name) => name in value)) {
    throw new Error('a fault needs one of "errcode", "status", "delayMs", "cut"');
  }
  if (fault.openid !== undefined && (fault.errcode === undefined || fault.path !== SEND_PATH)) {
    throw new Error(`a fault of one "openid" needs an "errcode" and the "path" ${SEND_PATH}`);
  }
  return fault;
}

export class Faults {
  #ordered: (Fault & Required<Pick<Fault, 'times' | 'after'>>)[] = [];

  list(): readonly Fault[] {
    return this.#ordered;
  }

  add(fault: Fault): void {
    this.#ordered.push({ times: 1, after: 0, ...fault });
  }

  clear(): void {
    this.#ordered = [];
  }

  /** The fault that this call runs into: one of all calls of the path, or one of those about a follower. */
  take(path: string, openid?: string): Fault | undefined {
    const fault = this.#ordered.find((ordered) => ordered.path === path && ordered.openid === openid);
    if (fault === undefined) return undefined;
    if (fault.after > 0) {
      fault.after -= 1;
      return undefined;
    }
    fault.times -= 1;
    if (fault.times <= 0) this.#ordered = this.#ordered.filter((ordered) => ordered !== fault);
    return fault;
  }
}
