/** The messages a user can send. Source: official guide, 接收普通消息 (Receiving_standard_messages). */
import type { Envelope, Other } from './envelope.ts';

export interface MessagePush<Type extends string> extends Envelope {
  MsgType: Type;
  /** 64-bit integer, the same in each repeat of the push. It repeats across users. */
  MsgId?: string;
  /** Only where the message was written from an article's page. */
  MsgDataId?: string;
  /** Which article of several, from 1; only with MsgDataId. */
  Idx?: string;
}

/** Text, or a tapped item of a menu message. */
export interface TextMessage extends MessagePush<'text'> {
  /** As written: spaces, control characters and XML included. Emotes come as `[微笑]` or `/::)`. */
  Content: string;
  /** The `id` of the tapped item of a `menu()` message. */
  bizmsgmenuid?: string;
}

export interface ImageMessage extends MessagePush<'image'> {
  /** A link to the picture, made by WeChat. */
  PicUrl: string;
  /** Valid for 3 days. */
  MediaId: string;
}

export interface VoiceMessage extends MessagePush<'voice'> {
  MediaId: string;
  /** `amr` or `speex`. */
  Format: string;
  /** The same voice as 16 kHz speex, for media/get/jssdk. */
  MediaId16K?: string;
  /** What was said. Only with speech recognition switched on, and often empty even then. */
  Recognition?: string;
}

export interface VideoMessage extends MessagePush<'video'> {
  MediaId: string;
  ThumbMediaId: string;
}

/** A short video (小视频), shot in the chat. */
export interface ShortVideoMessage extends MessagePush<'shortvideo'> {
  MediaId: string;
  ThumbMediaId: string;
}

/** A place the user picked; `coordinates` makes numbers of it. */
export interface LocationMessage extends MessagePush<'location'> {
  /** The latitude. */
  Location_X: string;
  /** The longitude. */
  Location_Y: string;
  /** Zoom of the map. */
  Scale: string;
  Label: string;
}

export interface LinkMessage extends MessagePush<'link'> {
  Title: string;
  Description: string;
  Url: string;
}

/** A file. Real, though the official page does not list it. */
export interface FileMessage extends MessagePush<'file'> {
  Title: string;
  Description: string;
  FileKey: string;
  FileMd5: string;
  /** Bytes. */
  FileTotalLen: string;
}

/** A mini-program card. Official guide of mini-program customer service; not confirmed for Official Accounts. */
export interface MiniProgramPageMessage extends MessagePush<'miniprogrampage'> {
  Title: string;
  AppId: string;
  PagePath: string;
  ThumbUrl: string;
  ThumbMediaId: string;
}

/**
 * A sticker, or another message that WeChat does not hand on. It comes as a text that says so, such as
 * `【收到不支持的消息类型，暂无法显示】`; a follower who writes these very words cannot be told from it.
 */
export type UnsupportedMessage = TextMessage;

/** A message type that is new, or too old to be listed (`device_text`, `hardware`). Repeated elements are arrays. */
export interface UnknownMessage extends MessagePush<Other> {
  // biome-ignore lint/suspicious/noExplicitAny: nothing is known of its fields, and reading one must not need a cast
  [field: string]: any;
}

export interface MessageByKey {
  text: TextMessage;
  image: ImageMessage;
  voice: VoiceMessage;
  video: VideoMessage;
  shortvideo: ShortVideoMessage;
  location: LocationMessage;
  link: LinkMessage;
  file: FileMessage;
  miniprogrampage: MiniProgramPageMessage;
  unsupported: UnsupportedMessage;
}
