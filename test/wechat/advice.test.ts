import { expect, test } from 'vitest';
import { adviceOn, concernsAccount } from '../../src/wechat/advice.ts';
import { quotaDay, quotaRenewal } from '../../src/wechat/quota-day.ts';

test.each([
  ['invalid ip 1.2.3.4, not in whitelist', '1.2.3.4'],
  ['invalid ip 1.2.3.4 ipv6 ::ffff:1.2.3.4, not in whitelist rid: 5f0a-1b2c', '1.2.3.4'],
  ['invalid ip: 10.0.0.1.', '10.0.0.1'],
])('%s: the advice names the IP', (errmsg, ip) => {
  expect(adviceOn(40164, errmsg)).toEqual({
    en: `put ${ip} on the IP 白名单 at 微信开发者平台 → 我的业务 → 公众号/服务号 → 基础信息 → 开发密钥（原：设置与开发 → 基本配置）`,
    zh: `请把 ${ip} 加入 IP 白名单：微信开发者平台 → 我的业务 → 公众号/服务号 → 基础信息 → 开发密钥（原：设置与开发 → 基本配置）`,
  });
});

test.each([
  ['invalid ip 2408:8000:1000::1, not in whitelist', '2408:8000:1000::1'],
  ['invalid ip 2408:8000:1000::1 ipv6 2408:8000:1000::1, not in whitelist', '2408:8000:1000::1'],
])('%s: the advice says that this is IPv6, and how to go out by IPv4', (errmsg, ip) => {
  const { en, zh } = adviceOn(40164, errmsg) ?? {};
  expect(en).toContain(`put ${ip} on the IP 白名单`);
  expect(en).toMatch(/IPv6 address.*NODE_OPTIONS=--dns-result-order=ipv4first/);
  expect(zh).toMatch(/IPv6 地址.*NODE_OPTIONS=--dns-result-order=ipv4first/);
});

test('where no IP is named the advice says whose it is', () => {
  expect(adviceOn(61004, 'access clientip is not registered')?.en).toContain('the IP of this machine');
});

test('an administrator who is asked can be spared the question', () => {
  const advice = adviceOn(89506, 'ip 1.2.3.4 refused');
  expect(advice?.en).toContain('refused this IP for 24 hours; or put 1.2.3.4 on the IP 白名单');
  expect(advice?.zh).toContain('24小时');
});

test('errcodes that a person must end have advice, others none', () => {
  for (const errcode of [40013, 40125, 40243, 50007, 61024]) expect(adviceOn(errcode, 'no')?.zh).toBeTruthy();
  for (const errcode of [0, -1, 40001, 45009, 45015, 48001]) expect(adviceOn(errcode, 'no')).toBeUndefined();
});

test('an errcode of one call is not taken for one of the account', () => {
  expect([40164, 40243, 61004, 89503, 89507].map(concernsAccount)).toEqual(Array(5).fill(true));
  expect([40013, 40125, 45009, 48001, 40001].map(concernsAccount)).toEqual(Array(5).fill(false));
});

test('a day of quota ends at midnight in China', () => {
  const lastMoment = Date.UTC(2026, 11, 31, 15, 59, 59, 999);
  expect(quotaDay(lastMoment)).toBe('2026-12-31');
  expect(quotaDay(lastMoment + 1)).toBe('2027-01-01');
  expect(quotaRenewal(lastMoment)).toBe(lastMoment + 1);
  expect(quotaRenewal(lastMoment + 1)).toBe(lastMoment + 1 + 86_400_000);
});
