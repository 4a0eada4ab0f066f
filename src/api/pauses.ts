// What the processes of an account share about APIs that WeChat wants called less. `store/` implements it. Times are
// milliseconds since 1970.

/** A pause of one API: 45009, the quota of the day is used up; 45011, too many calls in this minute. */
export interface ApiPause {
  readonly errcode: number;
  readonly since: number;
  readonly until: number;
  /** When one process may look whether it can be called again already. */
  readonly checkAt: number;
}

export interface ApiPauses {
  read(api: string): Promise<ApiPause | undefined>;
  /** Until then; a pause that holds already goes on. `begins` is true where there was none. */
  pauseUntil(api: string, errcode: number, at: number, until: number, checkAt: number): Promise<Paused>;
  /** For `first` ms, twice as long each time it comes again, `longest` ms at most. */
  pauseGrowing(api: string, errcode: number, at: number, first: number, longest: number): Promise<Paused>;
  /** True for the one process that may look now; the next may at `nextAt`. */
  claimCheck(api: string, at: number, nextAt: number): Promise<boolean>;
  end(api: string): Promise<void>;
  endAll(): Promise<void>;
}

export interface Paused {
  readonly begins: boolean;
  readonly pause: ApiPause;
}
