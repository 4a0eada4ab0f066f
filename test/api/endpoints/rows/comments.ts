import { asks, done, OPENID, type Row } from './row.ts';

const ARTICLE = { msg_data_id: '2247483650', index: 1 };
const NUMBERED = { msg_data_id: 2247483650, index: 1 };
const FIRST = { msg_data_id: 2247483650 };

export const comments: readonly Row[] = [
  done('comments.open', (w) => w.comments.open(FIRST), 'POST /cgi-bin/comment/open', {
    msg_data_id: 2247483650,
    index: 0,
  }),
  done('comments.close', (w) => w.comments.close(ARTICLE), 'POST /cgi-bin/comment/close', NUMBERED),
  asks(
    'comments.list',
    (w) => w.comments.list(ARTICLE, { begin: 49, count: 10, type: 2 }),
    'POST /cgi-bin/comment/list',
    { ...NUMBERED, begin: 49, count: 10, type: 2 },
    {
      total: 60,
      comment: [
        {
          user_comment_id: 1,
          openid: OPENID,
          create_time: 1767225600,
          content: '好',
          comment_type: 1,
          reply: { content: '谢谢', create_time: 1767225601 },
        },
      ],
    },
  ),
  asks(
    'comments.list',
    (w) => w.comments.list(ARTICLE),
    'POST /cgi-bin/comment/list',
    { ...NUMBERED, begin: 0, count: 49, type: 0 },
    { total: 0, comment: [] },
  ),
  done('comments.elect', (w) => w.comments.elect(ARTICLE, 7), 'POST /cgi-bin/comment/markelect', {
    ...NUMBERED,
    user_comment_id: 7,
  }),
  done('comments.unelect', (w) => w.comments.unelect(ARTICLE, 7), 'POST /cgi-bin/comment/unmarkelect', {
    ...NUMBERED,
    user_comment_id: 7,
  }),
  done('comments.delete', (w) => w.comments.delete(ARTICLE, 7), 'POST /cgi-bin/comment/delete', {
    ...NUMBERED,
    user_comment_id: 7,
  }),
  done('comments.reply', (w) => w.comments.reply(ARTICLE, 7, '谢谢'), 'POST /cgi-bin/comment/reply/add', {
    ...NUMBERED,
    user_comment_id: 7,
    content: '谢谢',
  }),
  done('comments.deleteReply', (w) => w.comments.deleteReply(ARTICLE, 7), 'POST /cgi-bin/comment/reply/delete', {
    ...NUMBERED,
    user_comment_id: 7,
  }),
];
