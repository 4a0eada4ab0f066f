import type { Api } from './api.ts';
import { checkCount } from './checks.ts';
import { get, post } from './endpoint.ts';

type PressKind =
  | 'click'
  | 'scancode_push'
  | 'scancode_waitmsg'
  | 'pic_sysphoto'
  | 'pic_photo_or_album'
  | 'pic_weixin'
  | 'location_select';

/** A button that does something. `key` comes back as the EventKey of the event. */
export type ActionButton = { readonly name: string } & (
  | { readonly type: PressKind; readonly key: string }
  | { readonly type: 'view'; readonly url: string }
  /** `url` is for clients that know no mini-programs. */
  | { readonly type: 'miniprogram'; readonly appid: string; readonly pagepath: string; readonly url: string }
  | { readonly type: 'media_id' | 'view_limited'; readonly media_id: string }
  | { readonly type: 'article_id' | 'article_view_limited'; readonly article_id: string }
);

/** A button of the bar; one with `sub_button` only opens them. */
export type MenuButton = ActionButton | { readonly name: string; readonly sub_button: readonly ActionButton[] };

/** The bar under the chat: at most 3 buttons, each with at most 5 below it. */
export interface CustomMenu {
  readonly button: readonly MenuButton[];
}

/** Who sees a conditional menu. All that is given must hold. */
export interface MatchRule {
  readonly tag_id?: string;
  /** 1: iOS, 2: Android, 3: others. */
  readonly client_platform_type?: '1' | '2' | '3';
}

/** A menu as it is read: an empty `sub_button` on every button. */
export interface ReadMenu {
  readonly button: readonly Record<string, unknown>[];
  readonly menuid?: number;
}

/**
 * A button as the website has it. Made there, `text` has its words in `value`; `img` and `voice` a temporary media_id, for 3
 * days; `video` the address of the file; `news` a permanent media_id, and the articles in `news_info`; `view` its `url`. Made
 * by the API it has what it was made with.
 */
export interface SelfMenuButton {
  readonly type?: string;
  readonly name: string;
  readonly value?: string;
  readonly key?: string;
  readonly url?: string;
  readonly sub_button?: { readonly list: readonly SelfMenuButton[] };
  readonly news_info?: { readonly list: readonly Record<string, unknown>[] };
  readonly [field: string]: unknown;
}

export interface SelfMenu {
  readonly is_menu_open: 0 | 1;
  readonly selfmenu_info?: { readonly button: readonly SelfMenuButton[] };
}

/** The account's menu (自定义菜单). Clients show a change late; WeChat keeps menus for minutes, and until the next visit. */
export interface MenuApi {
  /** Replaces the menu. At most 1000 times a day. 创建自定义菜单. POST /cgi-bin/menu/create */
  create(menu: CustomMenu): Promise<void>;
  /** The menu that the API has set, with the conditional ones; 46003 where there is none. GET /cgi-bin/menu/get */
  get(): Promise<{ menu: ReadMenu; conditionalmenu?: readonly (ReadMenu & { matchrule: object })[] }>;
  /** Removes the menu and all conditional ones. 删除自定义菜单. GET /cgi-bin/menu/delete */
  delete(): Promise<void>;
  /** The menu that is shown, also one that was made on the website. GET /cgi-bin/get_current_selfmenu_info */
  getCurrentSelfMenu(): Promise<SelfMenu>;
  /** A menu for some users only; the account needs a menu for all first. POST /cgi-bin/menu/addconditional */
  addConditional(menu: CustomMenu & { readonly matchrule: MatchRule }): Promise<{ menuid: string }>;
  /** 删除个性化菜单. POST /cgi-bin/menu/delconditional */
  deleteConditional(menuid: string): Promise<void>;
  /** Which menu a user sees, by openid or WeChat id. 测试个性化菜单匹配结果. POST /cgi-bin/menu/trymatch */
  tryMatch(userId: string): Promise<ReadMenu>;
}

export function createMenuApi(api: Api): MenuApi {
  return {
    async create(menu) {
      checkMenu(menu);
      await post(api, '/cgi-bin/menu/create', menu);
    },
    get: () => get(api, '/cgi-bin/menu/get'),
    async delete() {
      // It changes something, although it is a GET: one that was not answered is not sent again.
      await api.call({ method: 'GET', path: '/cgi-bin/menu/delete', retries: 0 });
    },
    getCurrentSelfMenu: () => get(api, '/cgi-bin/get_current_selfmenu_info'),
    async addConditional(menu) {
      checkMenu(menu);
      return post(api, '/cgi-bin/menu/addconditional', menu);
    },
    async deleteConditional(menuid) {
      await post(api, '/cgi-bin/menu/delconditional', { menuid });
    },
    tryMatch: (userId) => post(api, '/cgi-bin/menu/trymatch', { user_id: userId }),
  };
}

function checkMenu({ button }: CustomMenu): void {
  if (!Array.isArray(button)) throw new TypeError('A menu is { button: […] }, with 1 to 3 buttons.');
  checkCount(button, 'Buttons of a menu', 1, 3);
  for (const one of button as MenuButton[])
    if ('sub_button' in one && one.sub_button.length > 0) checkCount(one.sub_button, `Buttons below ${one.name}`, 1, 5);
}
