import type { AutoReplyRule } from './auto-replies.ts';
import type { ActionButton, CustomMenu, MenuButton, SelfMenu, SelfMenuButton } from './menu.ts';

/** Makes a permanent medium of what lives for 3 days; `undefined` where that cannot be. */
export type Keep = (type: 'img' | 'voice' | 'video', content: string, name: string) => Promise<string | undefined>;

export interface ConvertedMenu {
  readonly menu: CustomMenu;
  /** The API has no button that says a text: it becomes a click, and this is what is said to it. */
  readonly rules: readonly AutoReplyRule[];
  /** The buttons that are missing now. */
  readonly left: readonly string[];
}

/** What the API calls the field that the website calls `value`. (查询自定义菜单信息, 创建自定义菜单) */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  click: ['key'],
  scancode_push: ['key'],
  scancode_waitmsg: ['key'],
  pic_sysphoto: ['key'],
  pic_photo_or_album: ['key'],
  pic_weixin: ['key'],
  location_select: ['key'],
  view: ['url'],
  miniprogram: ['url', 'appid', 'pagepath'],
  media_id: ['media_id'],
  view_limited: ['media_id'],
  article_id: ['article_id'],
  article_view_limited: ['article_id'],
};

/** The menu that is shown now, in the form that `menu.create` takes. */
export async function toCustomMenu({ selfmenu_info: info }: SelfMenu, keep: Keep): Promise<ConvertedMenu> {
  const rules: AutoReplyRule[] = [];
  const left: string[] = [];

  const convert = async (given: SelfMenuButton): Promise<ActionButton | undefined> => {
    const button = await convertAction(given);
    if (!button) left.push(given.name);
    return button;
  };
  const convertAction = async ({ type = '', name, value, ...more }: SelfMenuButton) => {
    if (type === 'text' && value) {
      const key = `menu-text-${rules.length + 1}`;
      rules.push(ruleOf(name, key, value));
      return { type: 'click', name, key } as const;
    }
    if (type === 'news' && value) return { type: 'media_id', name, media_id: value } as const;
    if ((type === 'img' || type === 'voice' || type === 'video') && value) {
      const kept = await keep(type, value, name);
      return kept === undefined ? undefined : ({ type: 'media_id', name, media_id: kept } as const);
    }
    const [first, ...others] = FIELDS[type] ?? [];
    if (!first) return undefined;
    const fields = [[first, more[first] ?? value], ...others.map((field) => [field, more[field]])];
    if (fields.some(([, content]) => typeof content !== 'string' || !content)) return undefined;
    return { type, name, ...Object.fromEntries(fields) } as ActionButton;
  };

  const buttons: MenuButton[] = [];
  for (const given of info?.button ?? []) {
    const list = given.sub_button?.list ?? [];
    if (list.length === 0) {
      const button = await convert(given);
      if (button) buttons.push(button);
      continue;
    }
    const below: ActionButton[] = [];
    for (const one of list) {
      const button = await convert(one);
      if (button) below.push(button);
    }
    if (below.length > 0) buttons.push({ name: given.name, sub_button: below });
    else left.push(given.name);
  }
  return { menu: { button: buttons }, rules, left };
}

const ruleOf = (name: string, key: string, content: string): AutoReplyRule => ({
  rule_name: `菜单: ${name}`,
  reply_mode: 'reply_all',
  keyword_list_info: [{ type: 'text', match_mode: 'equal', content: key }],
  reply_list_info: [{ type: 'text', content }],
});
