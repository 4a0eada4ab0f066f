import { expect, test } from 'vitest';
import { parsePush } from '../../src/wechat/parse.ts';
import type {
  LocationEvent,
  LocationMessage,
  LocationSelectEvent,
  ScanEvent,
  SubscribeEvent,
} from '../../src/wechat/push.ts';
import { coordinates, createdAt, sceneOf } from '../../src/wechat/values.ts';
import { eventXml, pushXml, textXml } from './fixtures.ts';

test('createdAt is the date of the push, of the largest number too', () => {
  expect(createdAt(parsePush(textXml('hi')))).toEqual(new Date('2026-01-01T00:00:00Z'));
  expect(createdAt(parsePush(textXml('hi').replace('1767225600', '9'.repeat(12)))).getTime()).not.toBeNaN();
});

test('sceneOf is the scene, without one prefix where somebody followed, and none without a QR code', () => {
  const subscribe = (key: string) => sceneOf(parsePush(eventXml('subscribe', key)) as SubscribeEvent);
  expect(subscribe('<EventKey>qrscene_123</EventKey>')).toBe('123');
  expect(subscribe('<EventKey>qrscene_qrscene_abc</EventKey>')).toBe('qrscene_abc');
  expect(subscribe('<EventKey></EventKey>')).toBeUndefined();
  expect(subscribe('')).toBeUndefined();
  expect(sceneOf(parsePush(eventXml('SCAN', '<EventKey>qrscene_1</EventKey>')) as ScanEvent)).toBe('qrscene_1');
});

test.each(['my_qrscene_1', 'last_trade_no_4200001', 'qrscene', 'QRSCENE_1', '123', 'qrscene_'])(
  'sceneOf finds no scene in a new follower’s EventKey %s',
  (key) => {
    for (const name of ['subscribe', 'Subscribe'])
      expect(sceneOf(parsePush(eventXml(name, `<EventKey>${key}</EventKey>`)) as SubscribeEvent)).toBeUndefined();
  },
);

test('coordinates are numbers, from a message, a report and a menu alike', () => {
  const place = '<Location_X>23.1</Location_X><Location_Y>113.3</Location_Y>';
  const all = [
    parsePush(pushXml('location', place)) as LocationMessage,
    parsePush(eventXml('LOCATION', '<Latitude>23.1</Latitude><Longitude>113.3</Longitude>')) as LocationEvent,
    parsePush(eventXml('location_select', `<SendLocationInfo>${place}</SendLocationInfo>`)) as LocationSelectEvent,
  ];
  for (const push of all) expect(coordinates(push)).toEqual({ latitude: 23.1, longitude: 113.3 });
});
