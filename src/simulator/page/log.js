// The list of rows: in order of time, each row once, with the time of day wherever some minutes passed in silence.
import { el } from './dom.js';

const TIME_GAP_MS = 5 * 60_000;
const NEAR_THE_END_PX = 120;
const SHOWN_OF_HISTORY = 600;

/** `hint` is what stands in the empty list. */
export function createLog(list, hint) {
  const rows = new Map();
  const times = new WeakMap();

  function insert({ key, at, element }) {
    let before = list.lastElementChild;
    while (before !== hint && times.get(before) > at) before = before.previousElementSibling;
    before.after(element);
    rows.set(key, element);
    times.set(element, at);
    if (!(at - (times.get(before) ?? 0) > TIME_GAP_MS)) return;
    const time = el(
      'p',
      { class: 'time' },
      new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }),
    );
    times.set(time, at);
    element.before(time);
  }

  function replace(key, before, after) {
    const opened = before.querySelector('details[open]') !== null;
    after.querySelector('details')?.toggleAttribute('open', opened);
    before.replaceWith(after);
    rows.set(key, after);
    times.set(after, times.get(before));
  }

  const toEnd = () => {
    list.scrollTop = list.scrollHeight;
  };

  // A banner or a phone's keyboard takes room from the list: who was at its end stays there.
  let atEnd = true;
  list.addEventListener('scroll', () => {
    atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_THE_END_PX;
  });
  new ResizeObserver(() => atEnd && toEnd()).observe(list);

  return {
    /** Starts over with a history. */
    refill(history) {
      rows.clear();
      list.replaceChildren(hint);
      hint.hidden = history.length > 0;
      const sorted = history.sort((a, b) => a.at - b.at);
      for (const row of sorted.slice(-SHOWN_OF_HISTORY)) insert(row);
      toEnd();
    },
    /** Adds a row that came just now, or puts it in the place of its earlier self. */
    place(row) {
      const following = atEnd;
      const before = rows.get(row.key);
      hint.hidden = true;
      if (before !== undefined) replace(row.key, before, row.element);
      else {
        row.element.classList.add('fresh');
        insert(row);
      }
      if (following || (before === undefined && row.element.matches('.mine'))) toEnd();
    },
  };
}
