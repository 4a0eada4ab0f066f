/**
 * Events of cards, invoices, shops, Wi-Fi and shake: old, but still documented. Sources: official guides 微信卡券,
 * 电子发票, 微信门店, 微信连Wi-Fi, 摇一摇周边. Field names are WeChat's own, in all their spellings.
 */
import type { EventPush } from './event-push.ts';

interface Card {
  CardId: string;
}
interface UserCard extends Card {
  UserCardCode: string;
}

// Cards (卡券)

export interface CardPassCheckEvent extends EventPush<'card_pass_check'>, Card {}
export interface CardNotPassCheckEvent extends EventPush<'card_not_pass_check'>, Card {
  RefuseReason?: string;
}
/** The user took a card. */
export interface UserGetCardEvent extends EventPush<'user_get_card'>, UserCard {
  IsGiveByFriend: string;
  FriendUserName?: string;
  OuterId?: string;
  OldUserCardCode?: string;
  OuterStr?: string;
  IsRestoreMemberCard?: string;
  IsRecommendByFriend?: string;
  UnionId?: string;
}
/** The user gave a card away. */
export interface UserGiftingCardEvent extends EventPush<'user_gifting_card'>, UserCard {
  IsReturnBack: string;
  FriendUserName: string;
  IsChatRoom: string;
}
export interface UserDelCardEvent extends EventPush<'user_del_card'>, UserCard {}
export interface UserEnterSessionFromCardEvent extends EventPush<'user_enter_session_from_card'>, UserCard {}
export interface SubmitMembercardUserInfoEvent extends EventPush<'submit_membercard_user_info'>, UserCard {}
export interface UserConsumeCardEvent extends EventPush<'user_consume_card'>, UserCard {
  ConsumeSource: string;
  LocationName?: string;
  StaffOpenId?: string;
  VerifyCode?: string;
  RemarkAmount?: string;
  OuterStr?: string;
}
export interface UserPayFromPayCellEvent extends EventPush<'user_pay_from_pay_cell'>, UserCard {
  TransId: string;
  LocationId: string;
  /** In fen, hundredths of a yuan. */
  Fee: string;
  OriginalFee: string;
}
export interface UserViewCardEvent extends EventPush<'user_view_card'>, UserCard {
  OuterStr?: string;
}
export interface UpdateMemberCardEvent extends EventPush<'update_member_card'>, UserCard {
  ModifyBonus: string;
  ModifyBalance: string;
}
/** Few are left. */
export interface CardSkuRemindEvent extends EventPush<'card_sku_remind'>, Card {
  Detail: string;
}
export interface CardPayOrderEvent extends EventPush<'card_pay_order'> {
  OrderId: string;
  Status: string;
  CreateOrderTime: string;
  PayFinishTime: string;
  Desc: string;
  FreeCoinCount: string;
  PayCoinCount: string;
  RefundFreeCoinCount: string;
  RefundPayCoinCount: string;
  OrderType: string;
  Memo: string;
  ReceiptInfo: string;
}
export interface CardMerchantCheckResultEvent extends EventPush<'card_merchant_check_result'> {
  MerchantId: string;
  IsPass: string;
  Reason: string;
}

interface GiftCard {
  PageId: string;
  OrderId: string;
  IsChatRoom?: string;
  IsReturnBack?: string;
}
export interface GiftcardPayDoneEvent extends EventPush<'giftcard_pay_done'>, GiftCard {}
export interface GiftcardSendToFriendEvent extends EventPush<'giftcard_send_to_friend'>, GiftCard {}
export interface GiftcardUserAcceptEvent extends EventPush<'giftcard_user_accept'>, GiftCard {}

// Invoices (电子发票)

export interface UserAuthorizeInvoiceEvent extends EventPush<'user_authorize_invoice'> {
  SuccOrderId: string;
  FailOrderId: string;
  AppId: string;
  Source: string;
}
export interface UpdateInvoiceStatusEvent extends EventPush<'update_invoice_status'> {
  Status: string;
  CardId: string;
  Code: string;
}
export interface CloudInvoiceInvoiceresultEvent extends EventPush<'cloud_invoice_invoiceresult_event'> {
  fpqqlsh: string;
  status: string;
  nsrsbh: string;
}
export interface SubmitInvoiceTitleEvent extends EventPush<'submit_invoice_title'> {
  title: string;
  tax_no: string;
  addr: string;
  phone: string;
  bank_type: string;
  bank_no: string;
  attach: string;
  title_type: string;
}

// Shops and places (微信小店, 微信门店)

export interface MerchantOrderEvent extends EventPush<'merchant_order'> {
  OrderId: string;
  OrderStatus: string;
  ProductId: string;
  SkuInfo: string;
}
export interface PoiCheckNotifyEvent extends EventPush<'poi_check_notify'> {
  UniqId: string;
  PoiId: string;
  /** `succ` or `fail`. */
  Result: string;
  Msg: string;
}

interface Audit {
  audit_id: string;
  status: string;
  reason?: string;
  is_upgrade?: string;
  poiid?: string;
  map_poi_id?: string;
  name?: string;
  address?: string;
  latitude?: string;
  longitude?: string;
  sh_remark?: string;
}
export interface CreateMapPoiAuditInfoEvent extends EventPush<'create_map_poi_audit_info'>, Audit {}
export interface AddStoreAuditInfoEvent extends EventPush<'add_store_audit_info'>, Audit {}
export interface ModifyStoreAuditInfoEvent extends EventPush<'modify_store_audit_info'>, Audit {}
export interface ApplyMerchantAuditInfoEvent extends EventPush<'apply_merchant_audit_info'>, Audit {}

// Wi-Fi, shake, scanned products

export interface WifiConnectedEvent extends EventPush<'WifiConnected'> {
  ConnectTime: string;
  ExpireTime: string;
  VendorId: string;
  PlaceId: string;
  DeviceNo: string;
}

interface Beacon {
  Uuid: string;
  Major: string;
  Minor: string;
  /** Metres. */
  Distance: string;
}
export interface ShakearoundUserShakeEvent extends EventPush<'ShakearoundUserShake'> {
  ChosenBeacon: Beacon;
  AroundBeacons?: { AroundBeacon: Beacon[] };
}

/** The official page of scanned products is gone; the names of the fields are those of public SDKs. */
interface ScannedProduct {
  KeyStandard?: string;
  KeyStr?: string;
  Country?: string;
  Province?: string;
  City?: string;
  Sex?: string;
  Scene?: string;
  ExtInfo?: string;
}
export interface UserScanProductEvent extends EventPush<'user_scan_product'>, ScannedProduct {}
export interface UserScanProductEnterSessionEvent
  extends EventPush<'user_scan_product_enter_session'>,
    ScannedProduct {}
export interface UserScanProductAsyncEvent extends EventPush<'user_scan_product_async'>, ScannedProduct {}
export interface UserScanProductVerifyActionEvent
  extends EventPush<'user_scan_product_verify_action'>,
    ScannedProduct {}
export interface SubscribeScanProductEvent extends EventPush<'subscribe_scan_product'>, ScannedProduct {}

export type BusinessEventByName = {
  [E in
    | CardPassCheckEvent
    | CardNotPassCheckEvent
    | UserGetCardEvent
    | UserGiftingCardEvent
    | UserDelCardEvent
    | UserEnterSessionFromCardEvent
    | SubmitMembercardUserInfoEvent
    | UserConsumeCardEvent
    | UserPayFromPayCellEvent
    | UserViewCardEvent
    | UpdateMemberCardEvent
    | CardSkuRemindEvent
    | CardPayOrderEvent
    | CardMerchantCheckResultEvent
    | GiftcardPayDoneEvent
    | GiftcardSendToFriendEvent
    | GiftcardUserAcceptEvent
    | UserAuthorizeInvoiceEvent
    | UpdateInvoiceStatusEvent
    | CloudInvoiceInvoiceresultEvent
    | SubmitInvoiceTitleEvent
    | MerchantOrderEvent
    | PoiCheckNotifyEvent
    | CreateMapPoiAuditInfoEvent
    | AddStoreAuditInfoEvent
    | ModifyStoreAuditInfoEvent
    | ApplyMerchantAuditInfoEvent
    | WifiConnectedEvent
    | ShakearoundUserShakeEvent
    | UserScanProductEvent
    | UserScanProductEnterSessionEvent
    | UserScanProductAsyncEvent
    | UserScanProductVerifyActionEvent
    | SubscribeScanProductEvent as E['Event']]: E;
};
