import type { Api } from './api.ts';
import { get, post } from './endpoint.ts';
import { type LinkedMiniProgram, type TemplateData, withoutEmpty } from './templates.ts';

/** A message to a user who agreed to this one on the consent page (一次性订阅消息). */
export interface OneTimeMessage {
  readonly touser: string;
  readonly template_id: string;
  readonly url?: string;
  readonly miniprogram?: LinkedMiniProgram;
  /** The scene of the consent, 0 to 10000. */
  readonly scene: string;
  /** At most 15 characters. */
  readonly title: string;
  readonly data: TemplateData;
}

/** A message of a service account to a user who subscribed (订阅通知). */
export interface SubscribeMessage {
  readonly touser: string;
  readonly template_id: string;
  /** A page of the web. */
  readonly page?: string;
  readonly miniprogram?: LinkedMiniProgram;
  readonly data: Readonly<Record<string, { readonly value: string }>>;
}

/** Subscribe messages (订阅通知, 一次性订阅), and the library of their templates. */
export interface SubscriptionsApi {
  /** 发送一次性订阅消息. POST /cgi-bin/message/template/subscribe */
  sendOneTime(message: OneTimeMessage): Promise<void>;
  /** 43101: the user has not agreed; 47003: the data do not fit the template. POST /cgi-bin/message/subscribe/bizsend */
  send(message: SubscribeMessage): Promise<void>;
  /**
   * Takes a template of the library, with 2 to 5 keywords in their order, and at most 15 characters that say what for.
   * Unconfirmed: a mini-program's page says that this API takes a form and no JSON; the service account's page has JSON.
   * 选用模板. POST /wxaapi/newtmpl/addtemplate
   */
  addTemplate(template: {
    readonly tid: string;
    readonly kidList: readonly number[];
    readonly sceneDesc: string;
  }): Promise<{ priTmplId: string }>;
  /** Unconfirmed as above. 删除模板. POST /wxaapi/newtmpl/deltemplate */
  deleteTemplate(priTmplId: string): Promise<void>;
  /** The account's categories. 获取类目. GET /wxaapi/newtmpl/getcategory */
  getCategory(): Promise<{ data: readonly { id: number; name: string }[] }>;
  /** 获取模板中的关键词. GET /wxaapi/newtmpl/getpubtemplatekeywords */
  getTemplateKeywords(
    tid: string,
  ): Promise<{ count: number; data: readonly { kid: number; name: string; example: string; rule: string }[] }>;
  /** Templates of categories; `limit` at most 30. 获取所属类目下的公共模板. GET /wxaapi/newtmpl/getpubtemplatetitles */
  getTemplateTitles(
    categories: readonly number[],
    start: number,
    limit: number,
  ): Promise<{ count: number; data: readonly { tid: number; title: string; type: number; categoryId: string }[] }>;
  /** The account's own. 获取私有模板列表. GET /wxaapi/newtmpl/gettemplate */
  listTemplates(): Promise<{
    data: readonly { priTmplId: string; title: string; content: string; example: string; type: number }[];
  }>;
}

export function createSubscriptionsApi(api: Api): SubscriptionsApi {
  return {
    async sendOneTime(message) {
      await post(api, '/cgi-bin/message/template/subscribe', withoutEmpty(message));
    },
    async send(message) {
      await post(api, '/cgi-bin/message/subscribe/bizsend', withoutEmpty(message));
    },
    addTemplate: (template) => post(api, '/wxaapi/newtmpl/addtemplate', template),
    async deleteTemplate(priTmplId) {
      await post(api, '/wxaapi/newtmpl/deltemplate', { priTmplId });
    },
    getCategory: () => get(api, '/wxaapi/newtmpl/getcategory'),
    getTemplateKeywords: (tid) => get(api, '/wxaapi/newtmpl/getpubtemplatekeywords', { tid }),
    getTemplateTitles: (categories, start, limit) =>
      get(api, '/wxaapi/newtmpl/getpubtemplatetitles', {
        ids: categories.join(','),
        start: String(start),
        limit: String(limit),
      }),
    listTemplates: () => get(api, '/wxaapi/newtmpl/gettemplate'),
  };
}
