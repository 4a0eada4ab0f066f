import type { Push } from './push.ts';

/**
 * What WeChat writes in the place of a sticker and of all else that it does not hand on, in the languages of its apps. Seen in
 * public code: 【收到不支持的消息类型，暂无法显示】, 【收到不支援的訊息類型，無法顯示】, [Unsupported Message], [Unsupported message].
 */
const PLACEHOLDER =
  /^(?:[【[]收到不支[持援]的[消訊]息[类類]型[，,][暂暫]?[时時]?[无無]法[显顯]示[】\]]|\[unsupported message\])$/i;

/** Whether a text stands for a message that WeChat does not hand on. A follower who writes these very words looks the same. */
export function isUnsupported(push: Push): boolean {
  if (push.MsgType !== 'text') return false;
  const { Content } = push as { readonly Content: unknown };
  return typeof Content === 'string' && PLACEHOLDER.test(Content.trim());
}
