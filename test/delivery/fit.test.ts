import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Fitted, fitReply, fitSend } from '../../src/delivery/fit.ts';
import { type Piece, piecesOf } from '../../src/delivery/parts.ts';
import { customerServiceMessage } from '../../src/wechat/customer-service.ts';
import { image, type Message, menu, news, text, transfer, transferToAi } from '../../src/wechat/message.ts';
import { articleLimit, buildReply } from '../../src/wechat/reply.ts';

const PAGE = 'https://example.com/p/dGVzdA.abc.def';
const MORE = '回复「继续」看下一条';
const push = { ToUserName: 'gh_1', FromUserName: 'o1', CreateTime: '1', MsgType: 'text' } as const;

const sentence = '长长的句子，一个接着一个。';
const chinese = (characters: number) => sentence.repeat(Math.ceil(characters / sentence.length)).slice(0, characters);
const picture = (n: number) => image({ mediaId: `M${n}` });
const solid = (all: string) => all.replace(/\s+/g, '');
const size = (all: string) => Buffer.byteLength(all);
const textsOf = (messages: readonly Message[]) => messages.flatMap((one) => (one.type === 'text' ? [one.content] : []));
const said = (messages: readonly Message[]) =>
  solid(
    textsOf(messages)
      .map((one) => one.replace(/\n\(\d+\/\d+\)$/, '').replace(`\n\n${MORE}`, ''))
      .join(''),
  );
const messagesOf = (pieces: readonly Piece[]) => pieces.map(({ message }) => message);
const others = (messages: readonly Message[]) => messages.filter(({ type }) => type !== 'text');
const sent = (message: Message) => customerServiceMessage('o1', message);

function expectNothingLost(
  answer: readonly Message[],
  { now, parked, page }: Pick<Fitted, 'now' | 'parked' | 'page'>,
): void {
  for (const message of now) if (message.type !== 'transfer_customer_service') sent(message);
  const kept = messagesOf(parked);
  expect([...others(now), ...others(kept)]).toEqual(others(answer));
  if (page === undefined) expect(said(now) + said(kept)).toBe(said(answer));
  else
    expect(solid(page.map((section) => ('text' in section ? section.text : section.html)).join(''))).toBe(said(answer));
}

describe('an answer that fits', () => {
  test('is sent as it is, a long text in numbered parts', () => {
    expect(fitSend(piecesOf(['hi', picture(1)]), 5)).toEqual({
      now: [text('hi'), picture(1)],
      parked: [],
      refused: [],
    });
    const { now } = fitSend(piecesOf(chinese(1000)), 5, { page: PAGE });
    expect(textsOf(now).map((one) => one.split('\n').at(-1))).toEqual(['(1/2)', '(2/2)']);
  });

  test('has as many messages as it had, while the window allows it', () => {
    expect(fitSend(piecesOf(['a', 'b', 'c']), 3).now).toEqual([text('a'), text('b'), text('c')]);
  });

  test('is merged into fewer where the window is narrower, but no text passes a picture', () => {
    expect(fitSend(piecesOf(['a', 'b', 'c']), 2).now).toEqual([text('a\n\nb\n\nc')]);
    expect(fitSend(piecesOf(['a', 'b', picture(1), 'c', 'd']), 3).now).toEqual([
      text('a\n\nb'),
      picture(1),
      text('c\n\nd'),
    ]);
  });

  test('is packed tightly before anything is put on a page', () => {
    const paragraphs = Array(7).fill(chinese(400)).join('\n\n');
    expect(fitSend(piecesOf(paragraphs), 7).now).toHaveLength(7);
    expect(fitSend(piecesOf(paragraphs), 5, { page: PAGE })).toMatchObject({ now: { length: 5 }, parked: [] });
  });
});

test('space at the cuts takes no room', () => {
  const paragraph = 'x'.repeat(2000);
  expect(fitSend(piecesOf(Array(5).fill(paragraph).join('\n'.repeat(100))), 5).now).toHaveLength(5);
});

describe('an answer that does not fit', () => {
  test.each([1, 2, 3, 4, 5])('is, with %i sends and a page, its beginning and a link', (sends) => {
    const answer = chinese(100_000);
    const fitted = fitSend(piecesOf(answer), sends, { page: PAGE, more: MORE });
    expect(fitted).toMatchObject({ now: { length: 1 }, page: [{ text: answer }], parked: [] });
    expect(textsOf(fitted.now)[0]).toMatch(new RegExp(`^长长的句子.*。 …\n\n<a href="${PAGE}">阅读全文</a>$`, 's'));
    expect(size(textsOf(fitted.now)[0] as string)).toBeLessThan(1000);
  });

  test.each([1, 2, 3, 4, 5])('is, with %i sends and no page, cut and parked, and the user is told', (sends) => {
    const answer = chinese(10_000);
    const fitted = fitSend(piecesOf(answer), sends, { more: MORE });
    expect(fitted.now).toHaveLength(sends);
    expect(textsOf(fitted.now).map((one) => one.endsWith(MORE))).toEqual(Array(sends).fill(false).with(-1, true));
    expectNothingLost([text(answer)], fitted);
  });

  test('is parked as it was where nothing may be sent, a page or not', () => {
    const pieces = piecesOf(['a', menu({ items: [{ id: '1', content: 'x' }] }), chinese(3000)]);
    expect(fitSend(pieces, 0, { page: PAGE, more: MORE })).toEqual({ now: [], parked: pieces, refused: [] });
  });

  test('shows its Markdown on the page, and nothing of it in the chat', () => {
    const markdown = `# 标题\n\n${`**重点** ${chinese(100)}\n\n`.repeat(50)}`;
    const html = '<p>HTML</p>';
    const pieces = piecesOf(markdown, { markdown: true }).map((piece) => ({ ...piece, html }));
    const { now, page } = fitSend(pieces, 3, { page: PAGE });
    expect(page).toEqual([{ html }]);
    expect(textsOf(now)[0]).not.toMatch(/[*#]/);
  });

  test('keeps its pictures, before the link, as far as they go', () => {
    const answer = [chinese(5000), picture(1), picture(2), picture(3), chinese(5000)];
    expect(fitSend(piecesOf(answer), 4, { page: PAGE })).toMatchObject({
      now: [picture(1), picture(2), picture(3), { type: 'text' }],
      parked: [],
    });
    const two = fitSend(piecesOf(answer), 2, { page: PAGE, more: MORE });
    expect(two).toMatchObject({
      now: [picture(1), { type: 'text' }],
      parked: [{ message: picture(2) }, { message: picture(3) }],
    });
    expect(textsOf(two.now)[0]).toMatch(new RegExp(`${MORE}$`));
  });

  test('of pictures alone needs no page', () => {
    const answer = ['look', ...Array.from({ length: 6 }, (_, n) => picture(n))];
    const fitted = fitSend(piecesOf(answer), 5, { page: PAGE, more: MORE });
    expect(fitted.page).toBeUndefined();
    expect(messagesOf(fitted.parked)).toEqual([picture(4), picture(5)]);
    expect(fitted.now[0]).toEqual(text(`look\n\n${MORE}`));
  });
});

describe('what has another form', () => {
  test('is carried in it, and parked as it was', () => {
    const question = menu({ head: '满意吗', items: [{ id: '1', content: '满意' }] });
    const can = () => ({ menus: false });
    expect(fitSend(piecesOf(question), 1, { can }).now).toEqual([text('满意吗\n1. 满意')]);
    expect(fitSend(piecesOf([picture(1), question]), 1, { can }).parked).toEqual([{ message: question }]);
  });

  test('in two messages is parked from the second on, if the first has gone', () => {
    const answer = news({ title: 'a', url: 'https://a.com' }, { title: 'b', url: 'https://b.com' });
    const { now, parked } = fitSend(piecesOf(answer), 1);
    expect(now).toEqual([news({ title: 'a', url: 'https://a.com' })]);
    expect(messagesOf(parked)).toEqual([text('<a href="https://b.com">b</a>')]);
    expect(fitSend(piecesOf([picture(1), answer]), 1).parked).toEqual([{ message: answer }]);
  });

  test('a session with a human agent costs no send, and keeps its place', () => {
    expect(fitSend(piecesOf(['one moment', transfer('kf1')]), 1).now).toEqual([text('one moment'), transfer('kf1')]);
    expect(fitSend(piecesOf(transfer()), 0).now).toEqual([transfer()]);
    expect(fitSend(piecesOf(['one moment', transfer()]), 0)).toMatchObject({ now: [], parked: { length: 2 } });
  });

  test('what no way carries any more is named', () => {
    expect(fitSend(piecesOf(['hi', transferToAi()]), 5)).toEqual({
      now: [text('hi')],
      parked: [],
      refused: [transferToAi()],
    });
  });
});

test('of every size and mixture, at every quota, nothing is lost and nothing is too long', () => {
  const answers = [1000, 10_000, 100_000].map((characters) => [text(chinese(characters))]);
  const thirty = Array.from({ length: 30 }, (_, n) => text(`${n}: ${chinese(200)}`));
  const mixed = Array.from({ length: 12 }, (_, n) => (n % 3 === 2 ? picture(n) : text(`${n}: ${chinese(n * 300)}`)));
  for (const answer of [...answers, thirty, mixed]) {
    for (let sends = 0; sends <= 5; sends++) {
      for (const page of [undefined, PAGE]) {
        for (const more of [undefined, MORE]) {
          const fitted = fitSend(piecesOf(answer), sends, { page, more });
          expect(fitted.now.length).toBeLessThanOrEqual(sends);
          expectNothingLost(answer, fitted);
        }
      }
    }
  }
});

const anyAnswer = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.nat(4000).map((n) => text(`${chinese(n)}x`)) },
    { weight: 1, arbitrary: fc.nat(99).map(picture) },
  ),
  { maxLength: 12 },
);

test('window after window, every answer arrives, whole and in order', () => {
  fc.assert(
    fc.property(anyAnswer, fc.integer({ min: 1, max: 5 }), (answer, sends) => {
      const arrived: Message[] = [];
      let waiting: readonly Piece[] = piecesOf(answer);
      for (let turn = 0; waiting.length > 0; turn++) {
        expect(turn).toBeLessThan(200);
        const { now, parked } = fitSend(waiting, sends, { more: MORE });
        arrived.push(...now);
        waiting = parked;
      }
      for (const message of arrived) sent(message);
      expect(others(arrived)).toEqual(others(answer));
      expect(said(arrived)).toBe(said(answer));
    }),
    { numRuns: 100 },
  );
});

describe('one passive reply', () => {
  test('of nothing is none', () => {
    expect(fitReply([], { more: MORE })).toEqual({ reply: undefined, parked: [], refused: [] });
  });

  test('takes what was parked and the new answer, if they fit together', () => {
    expect(fitReply(piecesOf(['old', 'new']), { more: MORE })).toEqual({
      reply: text('old\n\nnew'),
      parked: [],
      refused: [],
    });
    const [old, fresh] = [chinese(400), chinese(400)];
    const { reply, parked } = fitReply(piecesOf([old, fresh]), { more: MORE });
    expect(said([reply as Message]) + said(messagesOf(parked))).toBe(solid(old + fresh));
  });

  test('that takes all ends without `more`, to the last byte', () => {
    const full = 'x'.repeat(2048);
    expect(fitReply(piecesOf(full), { more: MORE }).reply).toEqual(text(full));
    const { reply } = fitReply(piecesOf(`${full}y`), { more: MORE });
    expect((reply as { content: string }).content).toMatch(new RegExp(`\n\n${MORE}$`));
  });

  test('says what has to be said of it, whatever else it says', () => {
    const note = '内容由AI生成';
    for (const length of [1, 676, 677, 678, 679, 680, 681, 682, 683, 3000]) {
      for (const page of [undefined, PAGE]) {
        const { reply } = fitReply(piecesOf(chinese(length)), { more: MORE, note, page });
        expect((reply as { content: string }).content).toMatch(/内容由AI生成$/);
        buildReply(push, reply!, 0);
      }
    }
  });

  test('is the beginning and a link, where there is a page', () => {
    const fitted = fitReply(piecesOf([chinese(3000), picture(1)]), { page: PAGE, more: MORE });
    expect((fitted.reply as { content: string }).content).toMatch(
      new RegExp(`<a href="${PAGE}">阅读全文</a>\n\n${MORE}$`),
    );
    expect(fitted).toMatchObject({ page: [{ text: chinese(3000) }], parked: [{ message: picture(1) }] });
  });

  test('is one picture, if that comes first', () => {
    expect(fitReply(piecesOf([picture(1), 'b']), { page: PAGE, more: MORE })).toMatchObject({
      reply: picture(1),
      parked: [{ message: text('b') }],
    });
  });

  test('says a menu in numbers, and hands over to a human agent', () => {
    expect(fitReply(piecesOf(menu({ items: [{ id: '1', content: 'yes' }] }))).reply).toEqual(text('1. yes'));
    expect(fitReply(piecesOf(transfer())).reply).toEqual(transfer());
    expect(fitReply(piecesOf([chinese(3000), transfer()]), { page: PAGE })).toMatchObject({
      reply: { type: 'text' },
      parked: [{ message: transfer() }],
    });
  });

  test('takes as many articles as the push allows', () => {
    const answer = news({ title: 'a' }, { title: 'b' });
    const event = { ...push, MsgType: 'event' };
    expect(fitReply(piecesOf(answer), { can: () => ({ articles: articleLimit(event) }) }).reply).toEqual(answer);
    expect(fitReply(piecesOf(answer), { can: () => ({ articles: articleLimit(push) }) }).reply).toEqual(text('a\n\nb'));
  });

  test('after reply, every answer arrives, whole and in order', () => {
    fc.assert(
      fc.property(anyAnswer, (answer) => {
        const arrived: Message[] = [];
        let waiting: readonly Piece[] = piecesOf(answer);
        for (let turn = 0; waiting.length > 0; turn++) {
          expect(turn).toBeLessThan(200);
          const { reply, parked } = fitReply(waiting, { more: MORE });
          buildReply(push, reply!, 0);
          arrived.push(reply!);
          waiting = parked;
        }
        expect(others(arrived)).toEqual(others(answer));
        expect(said(arrived)).toBe(said(answer));
      }),
      { numRuns: 100 },
    );
  });
});
