import { optional } from '../wechat/checks.ts';
import type { Api } from './api.ts';
import { get, type Id, post, withIds } from './endpoint.ts';

/** What stands in a template's places, by their names. */
export type TemplateData = Readonly<Record<string, { readonly value: string; readonly color?: string }>>;

/** Where a tap leads, if not to `url`: a page of a mini-program that is linked with the account. */
export interface LinkedMiniProgram {
  readonly appid: string;
  readonly pagepath?: string;
}

export interface TemplateMessage {
  readonly touser: string;
  readonly template_id: string;
  readonly url?: string;
  readonly miniprogram?: LinkedMiniProgram;
  /** Your own id: a message with one that was sent within 10 minutes is not sent again. */
  readonly client_msg_id?: string;
  readonly data: TemplateData;
}

/** Two industries, by their numbers (official page 设置所属行业). */
export interface Industries {
  readonly industry_id1: string;
  readonly industry_id2: string;
}

interface Industry {
  readonly first_class: string;
  readonly second_class: string;
}

export interface PrivateTemplate {
  readonly template_id: string;
  readonly title: string;
  readonly primary_industry: string;
  readonly deputy_industry: string;
  readonly content: string;
  readonly example: string;
}

/** Template messages (模板消息) of a service account: at most 25 templates, 100,000 messages a day. */
export interface TemplatesApi {
  /**
   * The outcome is the event TEMPLATESENDJOBFINISH with this msgid. 43004: the user does not follow. What may stand in the
   * data was narrowed in 2023; the exact limits are unconfirmed. 发送模板消息. POST /cgi-bin/message/template/send
   */
  send(message: TemplateMessage): Promise<{ msgid: Id }>;
  /** Once a month. 设置所属行业. POST /cgi-bin/template/api_set_industry */
  setIndustry(industries: Industries): Promise<void>;
  /** 获取行业信息. GET /cgi-bin/template/get_industry */
  getIndustry(): Promise<{ primary_industry: Industry; secondary_industry: Industry }>;
  /**
   * Takes a template of the library (`TM…`, `OPENTM…`, or a number with the keywords in their order).
   * 选用模板. POST /cgi-bin/template/api_add_template
   */
  add(templateIdShort: string, keywordNames?: readonly string[]): Promise<{ template_id: string }>;
  /** 获取已选用模板列表. GET /cgi-bin/template/get_all_private_template */
  list(): Promise<{ template_list: readonly PrivateTemplate[] }>;
  /** 删除模板. POST /cgi-bin/template/del_private_template */
  delete(templateId: string): Promise<void>;
}

export function createTemplatesApi(api: Api): TemplatesApi {
  return {
    async send(message) {
      return withIds(await post<{ msgid: Id }>(api, '/cgi-bin/message/template/send', withoutEmpty(message)), 'msgid');
    },
    async setIndustry(industries) {
      await post(api, '/cgi-bin/template/api_set_industry', industries);
    },
    getIndustry: () => get(api, '/cgi-bin/template/get_industry'),
    add: (templateIdShort, keywordNames = []) =>
      post(api, '/cgi-bin/template/api_add_template', {
        template_id_short: templateIdShort,
        keyword_name_list: keywordNames,
      }),
    list: () => get(api, '/cgi-bin/template/get_all_private_template'),
    async delete(templateId) {
      await post(api, '/cgi-bin/template/del_private_template', { template_id: templateId });
    },
  };
}

/** A message without its empty optional members: an empty `client_msg_id` would be the same for all. */
export function withoutEmpty<M extends Partial<Omit<TemplateMessage & { readonly page: string }, 'data'>>>(
  message: M,
): M {
  const { url, page, client_msg_id, miniprogram } = message;
  return {
    ...message,
    url: optional(url),
    page: optional(page),
    client_msg_id: optional(client_msg_id),
    miniprogram: optional(miniprogram?.appid) && { ...miniprogram, pagepath: optional(miniprogram?.pagepath) },
  };
}
