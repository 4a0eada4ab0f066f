import type { ApiAnswer, ApiRequest } from './http.ts';

/** What the groups of the client are built on: one account's API, with its token added to each request. */
export interface Api {
  /** Calls any API with the account's token; a token that WeChat refuses is replaced and the call repeated once. */
  call(request: ApiRequest): Promise<ApiAnswer>;
}
