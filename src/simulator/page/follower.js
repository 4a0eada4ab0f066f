// The header and the buttons: is the account followed, is it typing, what may it still send.
import { duration, small } from './dom.js';

const $ = (id) => document.getElementById(id);

let shown;

/** Turns what is left into times, so that it can be counted down here. */
export function readFollower({ following, window, typingMs }) {
  const now = Date.now();
  return { following, left: window.left, until: now + window.ms, typingUntil: now + typingMs };
}

export function showFollower(follower, account) {
  shown = follower;
  const { following } = follower;
  $('follow').replaceChildren(following ? '取消关注 ' : '关注 ', small(following ? 'unfollow' : 'follow'));
  $('follow').dataset.event = following ? 'unsubscribe' : 'subscribe';
  for (const id of ['text', 'send', 'picture', 'menu']) $(id).disabled = !following;
  tick(account);
}

export function tick(account) {
  if (shown === undefined) return;
  const now = Date.now();
  $('title').textContent = now < shown.typingUntil ? '对方正在输入…' : account.name;
  $('window').textContent = windowText(shown, now);
}

function windowText({ following, left, until }, now) {
  if (!following) return '未关注 not following';
  if (now >= until) return '现在不能发客服消息 · window shut';
  return `还可发 ${left} 条 left · ${duration(until - now)}`;
}
