/** A push: what WeChat POSTs to us, a message or an event. Types alone; the values come from `parsePush`. */
import type { BusinessEventByName } from './business-push.ts';
import type { EventByName, UnknownEvent } from './event-push.ts';
import type { MessageByKey, UnknownMessage } from './message-push.ts';
import type { ReviewEventByName } from './review-push.ts';

export type * from './business-push.ts';
export type { Envelope, Other } from './envelope.ts';
export type * from './event-push.ts';
export type * from './message-push.ts';
export type * from './review-push.ts';

type AllEventsByName = EventByName & BusinessEventByName & ReviewEventByName;

export type EventByKey = { [Name in keyof AllEventsByName as `event:${Name}`]: AllEventsByName[Name] };

/** What the `on` keys of handlers bring: `PushByKey['text']` has a Content, `PushByKey['event:CLICK']` an EventKey. */
export type PushByKey = MessageByKey & EventByKey;

/** Any push. `push.MsgType === 'text'` leaves a TextMessage, `push.Event === 'CLICK'` a ClickEvent. */
export type Push = PushByKey[keyof PushByKey] | UnknownMessage | UnknownEvent;
