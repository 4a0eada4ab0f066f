import type { Api } from './api.ts';
import { get, post } from './endpoint.ts';

export interface CallbackCheck {
  readonly dns?: readonly { readonly ip: string; readonly real_operator: string }[];
  readonly ping?: readonly {
    readonly ip: string;
    readonly from_operator: string;
    readonly package_loss: string;
    readonly time: string;
  }[];
}

/** How WeChat reaches the account's server, and from where. */
export interface NetworkApi {
  /** Has WeChat look the server's name up, or ping it. 网络检测. POST /cgi-bin/callback/check */
  check(action: 'dns' | 'ping' | 'all', operator?: 'CHINANET' | 'UNICOM' | 'CAP' | 'DEFAULT'): Promise<CallbackCheck>;
  /** From where pushes come; entries may be networks (`1.2.3.0/24`). They change: ask daily. GET /cgi-bin/getcallbackip */
  callbackIps(): Promise<{ ip_list: readonly string[] }>;
  /** Where api.weixin.qq.com is. Connect by name all the same. GET /cgi-bin/get_api_domain_ip */
  apiDomainIps(): Promise<{ ip_list: readonly string[] }>;
}

export function createNetworkApi(api: Api): NetworkApi {
  return {
    check: (action, operator = 'DEFAULT') => post(api, '/cgi-bin/callback/check', { action, check_operator: operator }),
    callbackIps: () => get(api, '/cgi-bin/getcallbackip'),
    apiDomainIps: () => get(api, '/cgi-bin/get_api_domain_ip'),
  };
}
