// The rows of the chat: what a push and a customer-service message look like.
import { bubbleOf, fromCustomMessage } from './content.js';
import { avatar, duration, el, small } from './dom.js';

/** The official wording, and the one that followers report. */
const FAULT_NOTICE = '该公众号暂时无法提供服务，请稍后再试（或：该公众号提供的服务出现故障，请稍后再试）';
const EVENTS = { subscribe: '关注了公众号 followed', unsubscribe: '取消了关注 unfollowed', SCAN: '扫了二维码 scanned' };

/** The rows of a push: what the follower did, and the passive reply or the notice that came of it. */
export function rowsOfPush(record, account, say) {
  const rows = [{ key: `push-${record.id}`, at: record.at, element: mine(record) }];
  const { answer } = record;
  const at = record.at + (record.ms ?? 0);
  if (answer?.kind === 'reply') {
    const fate = el('p', { class: 'fate' }, '被动回复 ', small('passive reply'), ` · ${duration(record.ms)}`);
    rows.push({
      key: `reply-${record.id}`,
      at,
      element: theirs(bubbleOf(answer.reply, say), account, fate, answer.notes),
    });
  }
  // Nobody is left to see the notice after an unfollow.
  if (answer?.kind === 'fault' && record.facts.event !== 'unsubscribe') {
    const notice = el(
      'div',
      { class: 'notice' },
      el('p', {}, FAULT_NOTICE),
      el('p', { class: 'why' }, answer.reasonZh, ' ', small(answer.reason)),
    );
    rows.push({ key: `notice-${record.id}`, at, element: notice });
  }
  return rows;
}

/** The row of a customer-service message; `since` is how long after the question it came. */
export function rowOfMessage(record, since, account, say) {
  const key = `message-${record.id}`;
  if (record.errcode !== 0) {
    const notice = el(
      'div',
      { class: 'notice' },
      el('p', { class: 'why' }, `客服消息被拒绝：${record.errcode} `, small(record.errmsg)),
    );
    return { key, at: record.at, element: notice };
  }
  const ai = record.body.aimsgcontext?.is_ai_msg === 1 ? ['内容由第三方AI生成'] : [];
  const fate = el('p', { class: 'fate' }, '客服消息 ', small('customer-service message'));
  if (since !== undefined) fate.append(` · ${duration(since)}`);
  const bubble = bubbleOf(fromCustomMessage(record.body), say);
  return { key, at: record.at, element: theirs(bubble, account, fate, [...ai, ...record.notes]) };
}

function theirs(bubble, account, fate, notes = []) {
  const remarks = notes.map((note) => el('p', { class: 'fate' }, note));
  return el(
    'div',
    { class: 'row' },
    avatar(true, account.name),
    el('div', { class: 'said' }, bubble, fate, ...remarks),
  );
}

function mine(record) {
  const said = el('div', { class: 'said' }, bubbleOfPush(record.facts), fateOf(record));
  const face = avatar(false, '', record.openid);
  return el('div', { class: 'row mine' }, face, said);
}

function bubbleOfPush({ type, text, picUrl, event, key, menuItem }) {
  if (type === 'text')
    return el('div', { class: 'bubble' }, text, menuItem === undefined ? undefined : small(` #${menuItem}`));
  if (type === 'image') {
    // Only our own picture is shown: the page loads nothing from elsewhere.
    if (!picUrl?.endsWith('/picture.png')) return el('div', { class: 'bubble' }, '🖼 ', small(picUrl ?? 'image'));
    return el('div', { class: 'bubble picture' }, el('img', { src: '/picture.png', alt: '图片 picture' }));
  }
  const act = event === 'CLICK' ? `点了菜单 clicked · ${key}` : (EVENTS[event] ?? `${type} ${event ?? ''}`);
  return el('div', { class: 'bubble act' }, act);
}

/** What became of a push, in one line that opens to all that was sent and answered. */
function fateOf(record) {
  const details = el('details', { class: 'fate' }, el('summary', {}, ...headline(record)));
  const attempts = record.attempts.map((attempt) =>
    el(
      'li',
      {},
      `${attempt.status ?? '—'} · ${duration(attempt.ms)} `,
      attempt.errorZh ?? '',
      ' ',
      small(attempt.error ?? ''),
    ),
  );
  const key = record.attempts.at(-1)?.key;
  if (key !== undefined) details.append('编号 ', small('key: wxrelay trace KEY'), el('pre', { class: 'key' }, key));
  details.append(el('ol', {}, ...attempts), '推送 ', small('push'), el('pre', {}, record.xml));
  const body = record.attempts.at(-1)?.body;
  if (body !== undefined) details.append('应答 ', small('answer'), el('pre', {}, body === '' ? '(empty)' : body));
  return details;
}

function headline({ answer, attempts, ms }) {
  if (answer === undefined) {
    const tried = attempts.length === 0 ? '' : `第 ${attempts.length + 1} 次 `;
    return [el('span', { class: 'waiting' }, `${tried}等待应答 `, small('waiting'))];
  }
  const tries = attempts.length > 1 ? ` · ${attempts.length} 次 attempts` : '';
  const failed = answer.kind === 'fault';
  const word = failed ? '失败 failed' : answer.kind;
  return [el('span', { class: failed ? 'failed' : 'ok' }, word), ` · ${duration(ms)}${tries}`];
}
