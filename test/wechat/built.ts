// The messages of cs-messages.json, as a user of the builders writes them.
import {
  card,
  image,
  link,
  type Message,
  materialNews,
  menu,
  miniprogram,
  music,
  news,
  publishedArticle,
  text,
  video,
  voice,
} from '../../src/wechat/message.ts';

export const mediaId = 'MEDIA_3f0qkJr2nLpXw8yT5vB7cD9eG1hK4mN6oQ8sU0wY2zA';
export const cover = 'https://example.com/p.jpg';

export const BUILT: Record<string, [Message, { ai?: boolean; kfAccount?: string }?]> = {
  text: [text('Hello 你好 <a href="https://example.com">link</a>')],
  'text.miniprogram_link': [
    text(
      '<a href="http://www.qq.com" data-miniprogram-appid="wx0123456789abcdef" ' +
        'data-miniprogram-path="pages/index/index">点击跳小程序</a>',
    ),
  ],
  'text.ai_flag': [text('hi'), { ai: true }],
  'text.kf_account': [text('hi'), { kfAccount: 'test1@kftest' }],
  image: [image({ mediaId })],
  voice: [voice({ mediaId })],
  video: [video({ mediaId, thumbMediaId: mediaId, title: 'T', description: 'D' })],
  music: [
    music({
      title: 'T',
      description: 'D',
      musicUrl: 'https://example.com/a.mp3',
      hqMusicUrl: 'https://example.com/b.mp3',
      thumbMediaId: mediaId,
    }),
  ],
  news: [news({ title: 'T', description: 'D', url: 'https://example.com', picUrl: cover })],
  mpnews: [materialNews({ mediaId })],
  mpnewsarticle: [publishedArticle({ articleId: 'ARTICLE_ID' })],
  msgmenu: [
    menu({
      head: '您对本次服务是否满意呢?',
      items: [
        { id: '101', content: '满意' },
        { id: '102', content: '不满意' },
      ],
      tail: '欢迎再次光临',
    }),
  ],
  wxcard: [card({ cardId: '123dsdajkasd231jhksad' })],
  miniprogrampage: [
    miniprogram({ title: 'T', appId: 'wx0123456789abcdef', pagePath: 'pages/index/index', thumbMediaId: mediaId }),
  ],
  link: [link({ title: 'T', description: 'D', url: 'https://example.com', thumbUrl: cover })],
};
