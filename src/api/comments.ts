import type { Api } from './api.ts';
import { checkWhole } from './checks.ts';
import { type Id, post } from './endpoint.ts';

/** An article of what was published. */
export interface CommentedArticle {
  /** As a mass send answers it, or the first part of the `msgid` of the statistics. */
  readonly msg_data_id: Id | number;
  /** Which of several, from 0, the default. */
  readonly index?: number;
}

export interface Comment {
  readonly user_comment_id: number;
  /** Absent where it was not written as a WeChat user. */
  readonly openid?: string;
  /** Seconds since 1970. */
  readonly create_time: number;
  readonly content: string;
  /** 1: shown as chosen (精选). */
  readonly comment_type: number;
  readonly reply?: { readonly content: string; readonly create_time: number };
}

/** Comments on articles (留言管理). 88000: the account has none. */
export interface CommentsApi {
  /** 打开已群发文章评论. POST /cgi-bin/comment/open */
  open(article: CommentedArticle): Promise<void>;
  /** 关闭已群发文章评论. POST /cgi-bin/comment/close */
  close(article: CommentedArticle): Promise<void>;
  /** From `begin`, 0 by default, `count` of 1 to 49; `type` 0 all, 1 common, 2 chosen. 查看评论. POST /cgi-bin/comment/list */
  list(
    article: CommentedArticle,
    page?: { readonly begin?: number; readonly count?: number; readonly type?: 0 | 1 | 2 },
  ): Promise<{ total: number; comment: readonly Comment[] }>;
  /** Shows one to all (标记精选). POST /cgi-bin/comment/markelect */
  elect(article: CommentedArticle, commentId: number): Promise<void>;
  /** 取消精选. POST /cgi-bin/comment/unmarkelect */
  unelect(article: CommentedArticle, commentId: number): Promise<void>;
  /** 删除评论. POST /cgi-bin/comment/delete */
  delete(article: CommentedArticle, commentId: number): Promise<void>;
  /** 回复评论. POST /cgi-bin/comment/reply/add */
  reply(article: CommentedArticle, commentId: number, content: string): Promise<void>;
  /** 删除回复. POST /cgi-bin/comment/reply/delete */
  deleteReply(article: CommentedArticle, commentId: number): Promise<void>;
}

const MOST = 49;

export function createCommentsApi(api: Api): CommentsApi {
  const change = async (verb: string, article: CommentedArticle, more: object = {}) => {
    await post(api, `/cgi-bin/comment/${verb}`, { ...numbered(article), ...more });
  };
  return {
    open: (article) => change('open', article),
    close: (article) => change('close', article),
    async list(article, { begin = 0, count = MOST, type = 0 } = {}) {
      checkWhole(count, 'count', 1, MOST);
      return post(api, '/cgi-bin/comment/list', { ...numbered(article), begin, count, type });
    },
    elect: (article, user_comment_id) => change('markelect', article, { user_comment_id }),
    unelect: (article, user_comment_id) => change('unmarkelect', article, { user_comment_id }),
    delete: (article, user_comment_id) => change('delete', article, { user_comment_id }),
    reply: (article, user_comment_id, content) => change('reply/add', article, { user_comment_id, content }),
    deleteReply: (article, user_comment_id) => change('reply/delete', article, { user_comment_id }),
  };
}

/** WeChat wants the id as a number, of 32 bits. */
function numbered({ msg_data_id, index = 0 }: CommentedArticle) {
  const id = Number(msg_data_id);
  checkWhole(id, 'msg_data_id', 1, 2 ** 32 - 1);
  return { msg_data_id: id, index };
}
