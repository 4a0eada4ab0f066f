import { expect, expectTypeOf, test } from 'vitest';
import { handler } from '../../src/handlers/definition.ts';
import { isKnownKey, pushKeys } from '../../src/wechat/keys.ts';
import { parsePush } from '../../src/wechat/parse.ts';
import type { PushByKey, WxaAppealRecordEvent } from '../../src/wechat/push.ts';
import { eventXml } from './fixtures.ts';

/** As the pages named in review-push.ts have them, or as they were seen. */
const shapes: [string, string, object][] = [
  ['wx_verify_pay_succ', '<OrderId><![CDATA[16465636384492457619]]></OrderId>', { OrderId: '16465636384492457619' }],
  [
    'wx_verify_dispatch',
    '<Provider><![CDATA[某公司]]></Provider><Contact><![CDATA[电话：021]]></Contact><DispatchTime>1652162222</DispatchTime>',
    { Provider: '某公司', Contact: '电话：021', DispatchTime: '1652162222' },
  ],
  ['weapp_audit_success', '<SuccTime>1488856741</SuccTime>', { SuccTime: '1488856741' }],
  [
    'weapp_audit_fail',
    '<Reason><![CDATA[1:账号信息不符合规范:<br>(1):含有色情因素<br>]]></Reason><FailTime>1488856591</FailTime><ScreenShot>xxx|yyy</ScreenShot>',
    { Reason: '1:账号信息不符合规范:<br>(1):含有色情因素<br>', FailTime: '1488856591', ScreenShot: 'xxx|yyy' },
  ],
  [
    'weapp_audit_delay',
    '<Reason><![CDATA[请耐心等待]]></Reason><DelayTime>1488856591</DelayTime>',
    { Reason: '请耐心等待', DelayTime: '1488856591' },
  ],
  [
    'wxa_nickname_audit',
    '<ret>2</ret><nickname>昵称</nickname><reason>驳回原因</reason>',
    { ret: '2', nickname: '昵称', reason: '驳回原因' },
  ],
  ['wxa_category_audit', '<ret>3</ret><first>1</first><second>2</second>', { ret: '3', first: '1', second: '2' }],
  [
    'wxa_privacy_apply',
    '<result_info><api_name><![CDATA[wx.choosePoi]]></api_name><apply_time>1644975588</apply_time><audit_id>4211202267</audit_id><audit_time>1644982569</audit_time><reason><![CDATA[无此场景]]></reason><status>2</status></result_info>',
    {
      result_info: {
        api_name: 'wx.choosePoi',
        apply_time: '1644975588',
        audit_id: '4211202267',
        audit_time: '1644982569',
        reason: '无此场景',
        status: '2',
      },
    },
  ],
  [
    'wxa_illegal_record',
    '<illegal_record_id>2_11100</illegal_record_id><appid>wx1</appid><create_time>1600055800</create_time><illegal_reason>欺诈</illegal_reason><illegal_content>内容</illegal_content><rule_url>https://a</rule_url><rule_name>规则</rule_name>',
    {
      illegal_record_id: '2_11100',
      appid: 'wx1',
      create_time: '1600055800',
      illegal_reason: '欺诈',
      illegal_content: '内容',
      rule_url: 'https://a',
      rule_name: '规则',
    },
  ],
  [
    'wxa_appeal_record',
    '<appeal_record_id>4111001</appeal_record_id><appid>wx1</appid><appeal_time>1600055800</appeal_time><appeal_count>1</appeal_count><appeal_from>0</appeal_from><appeal_status>1</appeal_status><material><illegal_material><content>违规</content><content_url>https://b</content_url></illegal_material><appeal_material><reason>理由</reason><proof_material_id>m1</proof_material_id></appeal_material></material>',
    {
      appeal_record_id: '4111001',
      appid: 'wx1',
      appeal_time: '1600055800',
      appeal_count: '1',
      appeal_from: '0',
      appeal_status: '1',
      material: [
        {
          illegal_material: { content: '违规', content_url: 'https://b' },
          appeal_material: { reason: '理由', proof_material_id: ['m1'] },
        },
      ],
    },
  ],
  [
    'wxa_media_check',
    '<appid><![CDATA[wx1]]></appid><trace_id><![CDATA[62f1-2b24]]></trace_id><version>2</version><detail><strategy><![CDATA[content_model]]></strategy><errcode>0</errcode><suggest><![CDATA[pass]]></suggest><label>100</label><prob>90</prob></detail><errcode>0</errcode><errmsg><![CDATA[ok]]></errmsg><result><suggest><![CDATA[pass]]></suggest><label>100</label></result>',
    {
      appid: 'wx1',
      trace_id: '62f1-2b24',
      version: '2',
      detail: [{ strategy: 'content_model', errcode: '0', suggest: 'pass', label: '100', prob: '90' }],
      errcode: '0',
      errmsg: 'ok',
      result: { suggest: 'pass', label: '100' },
    },
  ],
];

test.each(shapes)('%s is known, and has its fields', (name, xml, fields) => {
  const push = parsePush(eventXml(name, xml));
  expect(isKnownKey(`event:${name}`)).toBe(true);
  expect(pushKeys(push)).toEqual([`event:${name}`, 'event', 'any']);
  expect(push).toEqual({ ...parsePush(eventXml(name)), ...fields });
});

test('what can come several times is a list of one, of two, and absent where there is none', () => {
  const listed = (xml: string) => parsePush(eventXml('wxa_media_check', xml)) as { detail?: unknown };
  const one = '<detail><strategy>keyword</strategy><errcode>0</errcode></detail>';
  expect(listed(one).detail).toEqual([{ strategy: 'keyword', errcode: '0' }]);
  expect(listed(one + one).detail).toHaveLength(2);
  expect(listed('<isrisky>1</isrisky>')).not.toHaveProperty('detail');
});

test('a handler has their fields by type', () => {
  handler({
    name: 'review',
    on: ['event:wxa_appeal_record', 'event:wxa_media_check'],
    run: ({ push }) => {
      if (push.Event === 'wxa_appeal_record') expectTypeOf(push).toEqualTypeOf<WxaAppealRecordEvent>();
    },
  });
  expectTypeOf<PushByKey['event:weapp_audit_fail']['Reason']>().toEqualTypeOf<string>();
  expectTypeOf<PushByKey['event:wx_verify_dispatch']['DispatchTime']>().toEqualTypeOf<string>();
});
