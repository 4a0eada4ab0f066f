/** What a user does (§1), and what became of the account's own jobs (§2). Source: official guide, 接收事件推送. */
import type { Envelope, Other } from './envelope.ts';

export interface EventPush<Name extends string> extends Envelope {
  MsgType: 'event';
  /** As WeChat spelled it. Captures differ in case (`scan`), so compare through `pushKeys`, not with `===`. */
  Event: Name;
}

// §1 The user

/** Followed the account. `sceneOf` gives the scene of the QR code that led here. */
export interface SubscribeEvent extends EventPush<'subscribe'> {
  /** Empty, or `qrscene_` and the scene of a QR code, or something else: the number of a payment, of an advertisement. */
  EventKey?: string;
  /** The ticket of that QR code. */
  Ticket?: string;
}

/** Unfollowed. The official guide asks to delete the user's data. Can arrive several times. */
export interface UnsubscribeEvent extends EventPush<'unsubscribe'> {
  EventKey?: string;
}

/** A follower scanned a QR code with a scene. */
export interface ScanEvent extends EventPush<'SCAN'> {
  /** The scene. */
  EventKey: string;
  Ticket: string;
}

/** Where the user is: on entering the chat, or every 5 seconds, where they permitted it. */
export interface LocationEvent extends EventPush<'LOCATION'> {
  Latitude: string;
  Longitude: string;
  Precision: string;
}

/** A menu button of type click. */
export interface ClickEvent extends EventPush<'CLICK'> {
  /** The button's key. */
  EventKey: string;
}

/** A menu button that opened a page. */
export interface ViewEvent extends EventPush<'VIEW'> {
  /** The page's URL. */
  EventKey: string;
  /** Which personalised menu. */
  MenuId?: string;
}

/** A menu button that opened a mini-program. */
export interface ViewMiniprogramEvent extends EventPush<'view_miniprogram'> {
  /** The page's path. */
  EventKey: string;
  MenuId: string;
}

interface ScanCode {
  EventKey: string;
  ScanCodeInfo: { ScanType: string; ScanResult: string };
}

/** A menu button that scans a code and goes on by itself. */
export interface ScancodePushEvent extends EventPush<'scancode_push'>, ScanCode {}

/** A menu button that scans a code and shows that it waits for an answer. */
export interface ScancodeWaitmsgEvent extends EventPush<'scancode_waitmsg'>, ScanCode {}

interface SendPics {
  EventKey: string;
  /** The pictures themselves follow as image messages. Several `PicList`s are read as one. */
  SendPicsInfo: { Count: string; PicList: { item: { PicMd5Sum: string }[] } };
}

/** A menu button that takes a picture. */
export interface PicSysphotoEvent extends EventPush<'pic_sysphoto'>, SendPics {}

/** A menu button that takes a picture or one of the album. */
export interface PicPhotoOrAlbumEvent extends EventPush<'pic_photo_or_album'>, SendPics {}

/** A menu button that takes pictures of WeChat's album. */
export interface PicWeixinEvent extends EventPush<'pic_weixin'>, SendPics {}

/** A menu button that picks a place; a location message follows. */
export interface LocationSelectEvent extends EventPush<'location_select'> {
  EventKey: string;
  /** X is the latitude, Y the longitude. */
  SendLocationInfo: { Location_X: string; Location_Y: string; Scale: string; Label: string; Poiname: string };
}

/** Entered the customer-service chat of a mini-program. */
export interface UserEnterTempsessionEvent extends EventPush<'user_enter_tempsession'> {
  SessionFrom: string;
}

/** Opened the chat. From old captures; not in today's guide. */
export interface EnterEvent extends EventPush<'ENTER'> {}

/** Sent by the console's debugging tool. */
export interface DebugDemoEvent extends EventPush<'debug_demo'> {
  debug_str: string;
}

/** Permits or refuses subscription messages, in a popup. */
export interface SubscribeMsgPopupEvent extends EventPush<'subscribe_msg_popup_event'> {
  SubscribeMsgPopupEvent: {
    /** SubscribeStatusString is `accept` or `reject`. */
    List: { TemplateId: string; SubscribeStatusString: string; PopupScene: string }[];
  };
}

/** Changes that permission, in the settings. */
export interface SubscribeMsgChangeEvent extends EventPush<'subscribe_msg_change_event'> {
  SubscribeMsgChangeEvent: { List: { TemplateId: string; SubscribeStatusString: string }[] };
}

interface UserData {
  OpenID: string;
  UnionID?: string;
  AppID: string;
  /** 1 plate number, 2 address, 3 invoice, 4 bluetooth, 5 microphone, 6 name and picture, 7 camera, 8 phone … */
  RevokeInfo?: string;
  PluginID?: string;
  OpenPID?: string;
}

/** Changed their profile. */
export interface UserInfoModifiedEvent extends EventPush<'user_info_modified'>, UserData {}

/** Took a permission back: what was stored under it must be deleted. */
export interface UserAuthorizationRevokeEvent extends EventPush<'user_authorization_revoke'>, UserData {}

/** Closed their WeChat account: all that was stored must be deleted. */
export interface UserAuthorizationCancellationEvent extends EventPush<'user_authorization_cancellation'>, UserData {}

// §2 Jobs and the account

/** A template message arrived, or not. */
export interface TemplateSendJobFinishEvent extends EventPush<'TEMPLATESENDJOBFINISH'> {
  /** With a capital D, unlike a message's MsgId. */
  MsgID: string;
  /** `success`, `failed:user block` or `failed: system failed`. */
  Status: string;
}

/** A mass message is sent. */
export interface MassSendJobFinishEvent extends EventPush<'MASSSENDJOBFINISH'> {
  MsgID: string;
  /** `send success`, `send fail`, or `err(N)`: 10001 ad, 20001 political, 20002 porn, 20013 copyright … */
  Status: string;
  TotalCount: string;
  FilterCount: string;
  SentCount: string;
  ErrorCount: string;
  CopyrightCheckResult?: {
    Count: string;
    ResultList: {
      item: {
        ArticleIdx: string;
        UserDeclareState: string;
        AuditState: string;
        OriginalArticleUrl: string;
        OriginalArticleType: string;
        CanReprint: string;
        NeedReplaceContent: string;
        NeedShowReprintSource: string;
      }[];
    };
    CheckState: string;
  };
  ArticleUrlResult?: { Count: string; ResultList: { item: { ArticleIdx: string; ArticleUrl: string }[] } };
}

/** An article is published, or not. */
export interface PublishJobFinishEvent extends EventPush<'PUBLISHJOBFINISH'> {
  PublishEventInfo: {
    publish_id: string;
    /** 0 done, 1 publishing, 2 original check failed, 3 failed, 4 refused, 5 deleted since, 6 banned since. */
    publish_status: string;
    article_id?: string;
    article_detail?: { count: string; item: { idx: string; article_url: string }[] };
    /** Which articles failed. */
    fail_idx?: string[];
  };
}

/** A subscription message arrived, or not. */
export interface SubscribeMsgSentEvent extends EventPush<'subscribe_msg_sent_event'> {
  SubscribeMsgSentEvent: { List: { TemplateId: string; MsgID: string; ErrorCode: string; ErrorStatus: string }[] };
}

/** A human agent took the user over. */
export interface KfCreateSessionEvent extends EventPush<'kf_create_session'> {
  KfAccount: string;
}

/** A human agent is done with the user. */
export interface KfCloseSessionEvent extends EventPush<'kf_close_session'> {
  KfAccount: string;
}

/** A human agent handed the user to another. */
export interface KfSwitchSessionEvent extends EventPush<'kf_switch_session'> {
  FromKfAccount: string;
  ToKfAccount: string;
}

interface Verified {
  /** Unix seconds. */
  ExpiredTime: string;
}
interface NotVerified {
  /** Unix seconds. */
  FailTime: string;
  FailReason: string;
}

/** The account's verification (认证), its name, and their yearly renewal. */
export interface QualificationVerifySuccessEvent extends EventPush<'qualification_verify_success'>, Verified {}
export interface QualificationVerifyFailEvent extends EventPush<'qualification_verify_fail'>, NotVerified {}
export interface NamingVerifySuccessEvent extends EventPush<'naming_verify_success'>, Verified {}
export interface NamingVerifyFailEvent extends EventPush<'naming_verify_fail'>, NotVerified {}
export interface AnnualRenewEvent extends EventPush<'annual_renew'>, Verified {}
export interface VerifyExpiredEvent extends EventPush<'verify_expired'>, Verified {}

/** A user scanned the QR code of a shopping guide (导购). */
export interface GuideQrcodeScanEvent extends EventPush<'guide_qrcode_scan_event'> {
  GuideScanEvent: {
    qrcode_guide_account: string;
    qrcode_guide_openid: string;
    openid: string;
    action: string;
    qrcode_info: string;
  };
}

/** An event that is new, or whose fields are not published. Repeated elements are arrays. */
export interface UnknownEvent extends EventPush<Other> {
  // biome-ignore lint/suspicious/noExplicitAny: nothing is known of its fields, and reading one must not need a cast
  [field: string]: any;
}

export type EventByName = {
  [E in
    | SubscribeEvent
    | UnsubscribeEvent
    | ScanEvent
    | LocationEvent
    | ClickEvent
    | ViewEvent
    | ViewMiniprogramEvent
    | ScancodePushEvent
    | ScancodeWaitmsgEvent
    | PicSysphotoEvent
    | PicPhotoOrAlbumEvent
    | PicWeixinEvent
    | LocationSelectEvent
    | UserEnterTempsessionEvent
    | EnterEvent
    | DebugDemoEvent
    | SubscribeMsgPopupEvent
    | SubscribeMsgChangeEvent
    | UserInfoModifiedEvent
    | UserAuthorizationRevokeEvent
    | UserAuthorizationCancellationEvent
    | TemplateSendJobFinishEvent
    | MassSendJobFinishEvent
    | PublishJobFinishEvent
    | SubscribeMsgSentEvent
    | KfCreateSessionEvent
    | KfCloseSessionEvent
    | KfSwitchSessionEvent
    | QualificationVerifySuccessEvent
    | QualificationVerifyFailEvent
    | NamingVerifySuccessEvent
    | NamingVerifyFailEvent
    | AnnualRenewEvent
    | VerifyExpiredEvent
    | GuideQrcodeScanEvent as E['Event']]: E;
};
