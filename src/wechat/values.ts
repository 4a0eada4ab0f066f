/** What in a push is more than text: a date, a scene, a place. */
import type {
  Envelope,
  LocationEvent,
  LocationMessage,
  LocationSelectEvent,
  ScanEvent,
  SubscribeEvent,
} from './push.ts';

/** When the user sent it, by WeChat's clock. The same in each repeat. */
export function createdAt(push: Envelope): Date {
  return new Date(Number(push.CreateTime) * 1000);
}

/** The scene of the QR code that was scanned; undefined where a new follower came another way. */
export function sceneOf(push: SubscribeEvent | ScanEvent): string | undefined {
  const key = push.EventKey ?? '';
  // Exactly one prefix: a scene may begin with `qrscene_` itself. A follower's scan comes without it, and what a new follower
  // brings without it is something else, such as the number of a payment.
  const scene = /^subscribe$/i.test(push.Event) ? /^qrscene_(.*)$/s.exec(key)?.[1] : key;
  return scene || undefined;
}

/** Degrees. NaN where WeChat sent none. */
export function coordinates(push: LocationMessage | LocationEvent | LocationSelectEvent): {
  latitude: number;
  longitude: number;
} {
  if ('Latitude' in push) return { latitude: Number(push.Latitude), longitude: Number(push.Longitude) };
  const { Location_X, Location_Y } = 'SendLocationInfo' in push ? push.SendLocationInfo : push;
  return { latitude: Number(Location_X), longitude: Number(Location_Y) };
}
