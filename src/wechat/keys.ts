/**
 * The keys by which handlers name what they listen to: `'text'`, `'event:CLICK'`, `'message'`, `'event'`, `'any'`; and
 * `'message:NAME'`, `'event:NAME'` for what is not known here.
 */
import type { EventByKey, MessageByKey, Push, PushByKey } from './push.ts';
import { isUnsupported } from './unsupported.ts';

// An object each, not a list, so that the compiler says which key is missing here or in the types.
const MESSAGES: Record<keyof MessageByKey, 0> = {
  text: 0,
  image: 0,
  voice: 0,
  video: 0,
  shortvideo: 0,
  location: 0,
  link: 0,
  file: 0,
  miniprogrampage: 0,
  unsupported: 0,
};

const EVENTS: Record<keyof EventByKey, 0> = {
  'event:subscribe': 0,
  'event:unsubscribe': 0,
  'event:SCAN': 0,
  'event:LOCATION': 0,
  'event:CLICK': 0,
  'event:VIEW': 0,
  'event:view_miniprogram': 0,
  'event:scancode_push': 0,
  'event:scancode_waitmsg': 0,
  'event:pic_sysphoto': 0,
  'event:pic_photo_or_album': 0,
  'event:pic_weixin': 0,
  'event:location_select': 0,
  'event:user_enter_tempsession': 0,
  'event:ENTER': 0,
  'event:debug_demo': 0,
  'event:subscribe_msg_popup_event': 0,
  'event:subscribe_msg_change_event': 0,
  'event:user_info_modified': 0,
  'event:user_authorization_revoke': 0,
  'event:user_authorization_cancellation': 0,
  'event:TEMPLATESENDJOBFINISH': 0,
  'event:MASSSENDJOBFINISH': 0,
  'event:PUBLISHJOBFINISH': 0,
  'event:subscribe_msg_sent_event': 0,
  'event:kf_create_session': 0,
  'event:kf_close_session': 0,
  'event:kf_switch_session': 0,
  'event:qualification_verify_success': 0,
  'event:qualification_verify_fail': 0,
  'event:naming_verify_success': 0,
  'event:naming_verify_fail': 0,
  'event:annual_renew': 0,
  'event:verify_expired': 0,
  'event:guide_qrcode_scan_event': 0,
  'event:card_pass_check': 0,
  'event:card_not_pass_check': 0,
  'event:user_get_card': 0,
  'event:user_gifting_card': 0,
  'event:user_del_card': 0,
  'event:user_enter_session_from_card': 0,
  'event:submit_membercard_user_info': 0,
  'event:user_consume_card': 0,
  'event:user_pay_from_pay_cell': 0,
  'event:user_view_card': 0,
  'event:update_member_card': 0,
  'event:card_sku_remind': 0,
  'event:card_pay_order': 0,
  'event:card_merchant_check_result': 0,
  'event:giftcard_pay_done': 0,
  'event:giftcard_send_to_friend': 0,
  'event:giftcard_user_accept': 0,
  'event:user_authorize_invoice': 0,
  'event:update_invoice_status': 0,
  'event:cloud_invoice_invoiceresult_event': 0,
  'event:submit_invoice_title': 0,
  'event:merchant_order': 0,
  'event:poi_check_notify': 0,
  'event:create_map_poi_audit_info': 0,
  'event:add_store_audit_info': 0,
  'event:modify_store_audit_info': 0,
  'event:apply_merchant_audit_info': 0,
  'event:WifiConnected': 0,
  'event:ShakearoundUserShake': 0,
  'event:user_scan_product': 0,
  'event:user_scan_product_enter_session': 0,
  'event:user_scan_product_async': 0,
  'event:user_scan_product_verify_action': 0,
  'event:subscribe_scan_product': 0,
  'event:wx_verify_pay_succ': 0,
  'event:wx_verify_dispatch': 0,
  'event:weapp_audit_success': 0,
  'event:weapp_audit_fail': 0,
  'event:weapp_audit_delay': 0,
  'event:wxa_nickname_audit': 0,
  'event:wxa_category_audit': 0,
  'event:wxa_privacy_apply': 0,
  'event:wxa_illegal_record': 0,
  'event:wxa_appeal_record': 0,
  'event:wxa_media_check': 0,
};

/** Every key that has an interface, then the groups. Other messages and events exist too: see `UnknownMessage`, `UnknownEvent`. */
export const KNOWN_KEYS = Object.keys({ ...MESSAGES, ...EVENTS, message: 0, event: 0, any: 0 }) as readonly (
  | keyof PushByKey
  | 'message'
  | 'event'
  | 'any'
)[];

export const MESSAGE_KEYS: readonly string[] = Object.keys(MESSAGES);

const CANONICAL = new Map<string, string>(KNOWN_KEYS.map((key) => [key.toLowerCase(), key]));

/** The key as the official guide spells it; one that is not known stays as it is. */
export function canonicalKey(key: string): string {
  return CANONICAL.get(key.toLowerCase()) ?? key;
}

/** Whether there is such a key, in any case: real captures have `scan` for `SCAN`. */
export function isKnownKey(key: string): boolean {
  return CANONICAL.has(key.toLowerCase());
}

// No MsgType, but what some texts stand for.
const { unsupported: _, ...types } = MESSAGES;
const TYPES = new Set([...Object.keys(types), 'event']);

/** A MsgType as the official guide spells it; one that is not known stays as it is. */
export function canonicalType(type: string): string {
  const small = type.toLowerCase();
  return TYPES.has(small) ? small : type;
}

/** Whether there is an interface for messages of this type. */
export const isKnownType = (type: string): boolean => TYPES.has(type.toLowerCase());

const messageKey = (type: string) => (isKnownType(type) ? canonicalType(type) : `message:${type}`);

/** The keys a push answers to, most special first: `['event:CLICK', 'event', 'any']`. */
export function pushKeys(push: Push): string[] {
  return push.MsgType === 'event'
    ? [canonicalKey(`event:${push.Event}`), 'event', 'any']
    : [isUnsupported(push) ? 'unsupported' : messageKey(push.MsgType), 'message', 'any'];
}

/** Whether a handler may listen to such a key: a known one, or that of messages or events of a type that is not known here. */
export function isLegalKey(key: string): boolean {
  const [, group, name = ''] = /^(message|event):([\w-]+)$/.exec(key) ?? [];
  return isKnownKey(key) || group === 'event' || (group === 'message' && !isKnownKey(name));
}
