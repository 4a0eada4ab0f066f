// The chat page: one follower's chat with the account, kept up to date by Server-Sent Events.
import { el, small } from './dom.js';
import { readFollower, showFollower, tick } from './follower.js';
import { createLog } from './log.js';
import { rowOfMessage, rowsOfPush } from './rows.js';

const $ = (id) => document.getElementById(id);
const log = createLog($('log'), $('hint'));

let account = { name: '', receiverUrl: '' };
let openid = new URLSearchParams(location.search).get('openid') ?? '';
let menuMode = false;
const pushes = new Map();

// ---- what arrives

const events = new EventSource(`/simulator/events?openid=${encodeURIComponent(openid)}`);
events.addEventListener('history', ({ data }) => {
  const history = JSON.parse(data);
  ({ account, openid } = history);
  pushes.clear();
  for (const push of history.pushes) pushes.set(push.id, push);
  const rows = [
    ...history.pushes.flatMap((push) => rowsOfPush(push, account, say)),
    ...history.messages.map((message) => rowOfMessage(message, sinceAsked(message), account, say)),
  ];
  log.refill(rows);
  showPeople(history.others);
  document.title = `${account.name} · 模拟器 simulator`;
  document.querySelector('.bar .avatar').textContent = [...account.name][0];
  showFollower(readFollower(history.followers[0]), account);
  checkReceiver();
});
events.addEventListener('push', ({ data }) => {
  const push = JSON.parse(data);
  pushes.set(push.id, push);
  for (const row of rowsOfPush(push, account, say)) log.place(row);
  if (push.answer?.kind === 'fault') checkReceiver();
});
events.addEventListener('message', ({ data }) => {
  const message = JSON.parse(data);
  log.place(rowOfMessage(message, sinceAsked(message), account, say));
});
events.addEventListener('follower', ({ data }) => showFollower(readFollower(JSON.parse(data)), account));
events.addEventListener('error', () => {
  showBanner(['和模拟器的连接断开了，正在重连 ', small('lost the simulator, reconnecting; is it still running?')]);
});
setInterval(() => tick(account), 1000);

/** How long after the follower's latest act this message came. */
function sinceAsked({ at }) {
  const asked = [...pushes.values()].findLast((push) => push.at <= at);
  return asked && at - asked.at;
}

function showPeople(openids) {
  const items = openids.map((name) => {
    const current = name === openid ? 'true' : undefined;
    return el('li', {}, el('a', { href: `?openid=${encodeURIComponent(name)}`, 'aria-current': current }, name));
  });
  $('people').replaceChildren(...items);
  const bytes = crypto.getRandomValues(new Uint8Array(20));
  const letters = [...bytes].map((byte) => (byte % 36).toString(36)).join('');
  $('newcomer').href = `?openid=oVisitor${letters.slice(0, 20)}`;
}

// ---- what the follower does

async function push(act) {
  try {
    const response = await fetch('/simulator/push', { method: 'POST', body: JSON.stringify({ openid, ...act }) });
    if (!response.ok) showBanner([`模拟器没有接受：${await response.text()}`]);
  } catch {
    showBanner(['模拟器没有应答 ', small('the simulator does not answer')]);
  }
}

const say = (text, bizmsgmenuid) => push(bizmsgmenuid === undefined ? { text } : { text, bizmsgmenuid });

function setMenuMode(on) {
  menuMode = on;
  $('menu').setAttribute('aria-pressed', String(on));
  $('text').placeholder = on ? '菜单的 key，例如 V1001_TODAY' : '';
  $('send').replaceChildren(on ? '点击 ' : '发送 ', small(on ? 'click' : 'send'));
}

$('form').addEventListener('submit', (event) => {
  event.preventDefault();
  const text = $('text').value;
  if (text.trim() === '' && !menuMode) return;
  $('text').value = '';
  if (menuMode) push({ click: text.trim() || 'V1001_TODAY' });
  else say(text);
  if (menuMode) setMenuMode(false);
});
$('text').addEventListener('keydown', (event) => {
  // Enter also ends the choice of a Chinese word; that one must not send.
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  $('form').requestSubmit();
});
for (const suggestion of $('hint').querySelectorAll('button'))
  suggestion.addEventListener('click', () => say(suggestion.textContent));
$('follow').addEventListener('click', () => push({ event: $('follow').dataset.event }));
$('picture').addEventListener('click', () => push({ image: true }));
$('menu').addEventListener('click', () => {
  setMenuMode(!menuMode);
  $('text').focus();
});

// ---- is the receiver there?

let checking;

/** Asks as WeChat's console would, and again every few seconds while something is wrong. */
async function checkReceiver() {
  clearTimeout(checking);
  const response = await fetch('/simulator/verify', { method: 'POST' }).catch(() => undefined);
  const found = await response?.json();
  if (found === undefined) return;
  if (found.ok) showBanner(undefined);
  else {
    const advice = found.reachable
      ? ['两边的 WECHAT_TOKEN 要一致 ', small('both sides need the same WECHAT_TOKEN')]
      : [
          '请先启动接收端 ',
          el('code', {}, 'wxrelay receiver'),
          ' ',
          small('start the receiver, or correct its address'),
        ];
    showBanner([`${found.reasonZh}。`], advice);
    checking = setTimeout(checkReceiver, 3000);
  }
}

function showBanner(...lines) {
  $('banner').replaceChildren(...lines.filter(Boolean).map((line) => el('p', {}, ...line)));
  $('banner').hidden = lines[0] === undefined;
}

setMenuMode(false);
// On a phone this would only bring up the keyboard.
if (matchMedia('(pointer: fine)').matches) $('text').focus();
