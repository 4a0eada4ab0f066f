/**
 * Reviews by the platform (审核): the account's verification, and a mini-program that a third-party platform (第三方平台) runs.
 * Names of fields are WeChat's own. Sources: official guides 代码管理 (submitAudit), 类目管理, 名称设置 (wxa_nickname_audit),
 * 违规和申诉记录 (record_event), 隐私接口 (applyPrivacyInterface), 内容安全 (mediaCheckAsync); wx_verify_…: pushes quoted in the
 * official community, for no page has them.
 */
import type { EventPush } from './event-push.ts';

// The account's verification (微信认证)

/** The fee of a verification was paid. */
export interface WxVerifyPaySuccEvent extends EventPush<'wx_verify_pay_succ'> {
  OrderId: string;
}
/** A company that checks the account was named. */
export interface WxVerifyDispatchEvent extends EventPush<'wx_verify_dispatch'> {
  Provider: string;
  /** How to reach it. */
  Contact: string;
  /** Unix seconds, as the other times here. */
  DispatchTime: string;
}

// The code of a mini-program

export interface WeappAuditSuccessEvent extends EventPush<'weapp_audit_success'> {
  SuccTime: string;
}
export interface WeappAuditFailEvent extends EventPush<'weapp_audit_fail'> {
  /** With HTML: `<br>`. */
  Reason: string;
  FailTime: string;
  /** Ids of permanent media, divided by `|`. */
  ScreenShot?: string;
}
export interface WeappAuditDelayEvent extends EventPush<'weapp_audit_delay'> {
  Reason: string;
  DelayTime: string;
}

// Its name, categories and private APIs

/** `ret` is 2 for no and 3 for yes. */
interface Reviewed {
  ret: string;
  /** Why not. */
  reason?: string;
}
export interface WxaNicknameAuditEvent extends EventPush<'wxa_nickname_audit'>, Reviewed {
  nickname: string;
}
export interface WxaCategoryAuditEvent extends EventPush<'wxa_category_audit'>, Reviewed {
  /** Ids of the category. */
  first: string;
  second: string;
}
export interface WxaPrivacyApplyEvent extends EventPush<'wxa_privacy_apply'> {
  result_info: {
    /** Such as `wx.choosePoi`. */
    api_name: string;
    apply_time: string;
    audit_id: string;
    audit_time: string;
    reason?: string;
    /** 2 no, 3 yes. */
    status: string;
  };
}

// What it is blamed for

export interface WxaIllegalRecordEvent extends EventPush<'wxa_illegal_record'> {
  illegal_record_id: string;
  appid: string;
  create_time: string;
  illegal_reason: string;
  illegal_content: string;
  rule_url: string;
  rule_name: string;
}
export interface WxaAppealRecordEvent extends EventPush<'wxa_appeal_record'> {
  appeal_record_id: string;
  appid: string;
  appeal_time: string;
  appeal_count: string;
  /** 0 the owner, 1 the third-party platform. */
  appeal_from: string;
  /** 1 under way, 2 granted, 3 refused, 4 withdrawn. */
  appeal_status: string;
  audit_time?: string;
  audit_reason?: string;
  punish_description?: string;
  material?: {
    illegal_material?: { content: string; content_url: string };
    /** `proof_material_id` are ids of temporary media. */
    appeal_material?: { reason: string; proof_material_id?: string[] };
  }[];
}
/** The result of a check of a picture or sound; of version 2, or, with `isrisky`, of version 1. */
export interface WxaMediaCheckEvent extends EventPush<'wxa_media_check'> {
  appid: string;
  /** As mediaCheckAsync answered. */
  trace_id: string;
  version?: string;
  /** What each of the ways to check found. */
  detail?: {
    strategy: string;
    errcode: string;
    suggest?: string;
    label?: string;
    prob?: string;
  }[];
  errcode?: string;
  errmsg?: string;
  /** `suggest` is `risky`, `pass` or `review`. */
  result?: { suggest: string; label: string };
  /** 0 harmless, 1 risky. */
  isrisky?: string;
  extra_info_json?: string;
  status_code?: string;
}

export type ReviewEventByName = {
  [E in
    | WxVerifyPaySuccEvent
    | WxVerifyDispatchEvent
    | WeappAuditSuccessEvent
    | WeappAuditFailEvent
    | WeappAuditDelayEvent
    | WxaNicknameAuditEvent
    | WxaCategoryAuditEvent
    | WxaPrivacyApplyEvent
    | WxaIllegalRecordEvent
    | WxaAppealRecordEvent
    | WxaMediaCheckEvent as E['Event']]: E;
};
