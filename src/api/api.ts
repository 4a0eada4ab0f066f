import type { ApiAnswer, ApiRequest, Download } from './http.ts';

/** The API of one account, its access_token taken care of: what the groups of endpoints (media, material, …) are made of. */
export interface Api {
  /** Calls any API with the account's token. Throws `ApiError` where WeChat says no, `NetworkError` where there is no answer. */
  call(request: ApiRequest): Promise<ApiAnswer>;
  /** Fetches a file; see {@link Download}. */
  download(request: ApiRequest): Promise<Download>;
}
