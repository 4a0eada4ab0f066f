// Published examples of WeChat’s wire format, copied here so that nothing of ours computed them.

/** Ciphertexts of the official documentation and sample code. */
export const ciphertexts = [
  {
    id: 'official-doc-2024-push',
    token: 'AAAAA',
    encodingAESKey: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    appid: 'wxba5fad812f8e6fb9',
    timestamp: '1714112445',
    nonce: '415670741',
    encrypt:
      '+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04=',
    msg_signature: '046e02f8204d34f8ba5fa3b1db94908f3df2e9b3',
    url_signature: '6c5c811b55cc85e0e1b54100749188c20beb3f5d',
    plain:
      '{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY","CreateTime":1714112445,"MsgType":"event","Event":"debug_demo","debug_str":"hello world"}',
  },
  {
    id: 'official-sample-python',
    token: 'spamtest',
    encodingAESKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
    appid: 'wx2c2769f8efd9abc2',
    timestamp: '1409735669',
    nonce: '1320562132',
    encrypt:
      'hyzAe4OzmOMbd6TvGdIOO6uBmdJoD0Fk53REIHvxYtJlE2B655HuD0m8KUePWB3+LrPXo87wzQ1QLvbeUgmBM4x6F8PGHQHFVAFmOD2LdJF9FrXpbUAh0B5GIItb52sn896wVsMSHGuPE328HnRGBcrS7C41IzDWyWNlZkyyXwon8T332jisa+h6tEDYsVticbSnyU8dKOIbgU6ux5VTjg3yt+WGzjlpKn6NPhRjpA912xMezR4kw6KWwMrCVKSVCZciVGCgavjIQ6X8tCOp3yZbGpy0VxpAe+77TszTfRd5RJSVO/HTnifJpXgCSUdUue1v6h0EIBYYI1BD1DlD+C0CR8e6OewpusjZ4uBl9FyJvnhvQl+q5rv1ixrcpCumEPo5MJSgM9ehVsNPfUM669WuMyVWQLCzpu9GhglF2PE=',
    msg_signature: '5d197aaffba7e9b25a30732f161a50dee96bd5fa',
    url_signature: '16120ec1b8dbb870f510d87ce6bc2463eae6ca1a',
    plain:
      '<xml><ToUserName><![CDATA[gh_10f6c3c3ac5a]]></ToUserName>\n<FromUserName><![CDATA[oyORnuP8q7ou2gfYjqLzSIWZf0rs]]></FromUserName>\n<CreateTime>1409735668</CreateTime>\n<MsgType><![CDATA[text]]></MsgType>\n<Content><![CDATA[abcdteT]]></Content>\n<MsgId>6054768590064713728</MsgId>\n</xml>',
  },
  {
    id: 'official-sample-csharp-msg',
    token: 'QDG6eK',
    encodingAESKey: 'jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C',
    appid: 'wx5823bf96d3bd56c7',
    timestamp: '1409659813',
    nonce: '1372623149',
    encrypt:
      'RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q==',
    msg_signature: '477715d11cdb4164915debcba66cb864d751f3e6',
    plain:
      '<xml><ToUserName><![CDATA[wx5823bf96d3bd56c7]]></ToUserName>\n<FromUserName><![CDATA[mycreate]]></FromUserName>\n<CreateTime>1409659813</CreateTime>\n<MsgType><![CDATA[text]]></MsgType>\n<Content><![CDATA[hello]]></Content>\n<MsgId>4561255354251345929</MsgId>\n<AgentID>218</AgentID>\n</xml>',
  },
];

/** The same with their 16 random bytes, so that encrypting is repeatable. */
export const repeatable = [
  {
    id: 'official-doc-2024-reply',
    token: 'AAAAA',
    encodingAESKey: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    appid: 'wxba5fad812f8e6fb9',
    timestamp: '1713424427',
    nonce: '415670741',
    encrypt: 'ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ==',
    msg_signature: '1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1',
    plain: '{"demo_resp":"good luck"}',
    random: '707722b803182950',
    randomLatin1: '707722b803182950',
  },
  {
    id: 'official-sample-java-1',
    token: 'pamtest',
    encodingAESKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
    appid: 'wxb11529c136998cb6',
    encrypt: 'jn1L23DB+6ELqJ+6bruv21Y6MD7KeIfP82D6gU39rmkgczbWwt5+3bnyg5K55bgVtVzd832WzZGMhkP72vVOfg==',
    plain: '我是中文abcd123',
    random: 'aaaabbbbccccdddd',
    randomLatin1: 'aaaabbbbccccdddd',
  },
];

/** Signatures of URLs as captured. */
export const urlSignatures = [];

export const account = {
  token: 'Test0token',
  encodingAESKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
  appId: 'wx0123456789abcdef',
};

/** A text push as captured; the replies below answer it. */
export const textPush =
  '<xml><ToUserName><![CDATA[gh_0f1e2d3c4b5a]]></ToUserName>\n<FromUserName><![CDATA[oTest0penid_AAAAAAAAAAAAAAA1]]></FromUserName>\n<CreateTime>1767225600</CreateTime>\n<MsgType><![CDATA[text]]></MsgType>\n<Content><![CDATA[你好，hello 😀]]></Content>\n<MsgId>24900000000000001</MsgId>\n</xml>';

export const legalReplies = [
  {
    name: 'text',
    reply: {
      type: 'text',
      content: '你好',
    },
    xml: '<xml><ToUserName><![CDATA[oTest0penid_AAAAAAAAAAAAAAA1]]></ToUserName><FromUserName><![CDATA[gh_0f1e2d3c4b5a]]></FromUserName><CreateTime>1767225600</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[你好]]></Content></xml>',
  },
  {
    name: 'text.cdata_end',
    reply: {
      type: 'text',
      content: 'a]]>b',
    },
    xml: '<xml><ToUserName><![CDATA[oTest0penid_AAAAAAAAAAAAAAA1]]></ToUserName><FromUserName><![CDATA[gh_0f1e2d3c4b5a]]></FromUserName><CreateTime>1767225600</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[a]]]]><![CDATA[>b]]></Content></xml>',
    note: 'standard split; WeChat acceptance unconfirmed',
  },
  {
    name: 'text.link',
    reply: {
      type: 'text',
      content: '<a href="https://example.com">x</a>\nline2',
    },
    xml: '<xml><ToUserName><![CDATA[oTest0penid_AAAAAAAAAAAAAAA1]]></ToUserName><FromUserName><![CDATA[gh_0f1e2d3c4b5a]]></FromUserName><CreateTime>1767225600</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[<a href="https://example.com">x</a>\nline2]]></Content></xml>',
  },
  {
    name: 'image',
    reply: {
      type: 'image',
      mediaId: 'MEDIA_3f0qkJr2nLpXw8yT5vB7cD9eG1hK4mN6oQ8sU0wY2zA',
    },
    xml: '<xml><ToUserName><![CDATA[oTest0penid_AAAAAAAAAAAAAAA1]]></ToUserName><FromUserName><![CDATA[gh_0f1e2d3c4b5a]]></FromUserName><CreateTime>1767225600</CreateTime><MsgType><![CDATA[image]]></MsgType><Image><MediaId><![CDATA[MEDIA_3f0qkJr2nLpXw8yT5vB7cD9eG1hK4mN6oQ8sU0wY2zA]]></MediaId></Image></xml>',
  },
  {
    name: 'voice',
    reply: {
      type: 'voice',
      mediaId: 'MEDIA_3f0qkJr2nLpXw8yT5vB7cD9eG1hK4mN6oQ8sU0wY2zA',
    },
    xml: '<xml><ToUserName><![CDATA[oTest0penid_AAAAAAAAAAAAAAA1]]></ToUserName><FromUserName><![CDATA[gh_0f1e2d3c4b5a]]></FromUserName><CreateTime>1767225600</CreateTime><MsgType><![CDATA[voice]]></MsgType><Voice><MediaId><![CDATA[MEDIA_3f0qkJr2nLpXw8yT5vB7cD9eG1hK4mN6oQ8sU0wY2zA]]></MediaId></Voice></xml>',
  },
  {
    name: 'video',
    reply: {
      type: 'video',
      mediaId: 'MEDIA_3f0qkJr2nLpXw8yT5vB7cD9eG1hK4mN6oQ8sU0wY2zA',
      title: 't',
      description: 'd',
    },
    xml: '<xml><ToUserName><![CDATA[oTest0penid_AAAAAAAAAAAAAAA1]]></ToUserName><FromUserName><![CDATA[gh_0f1e2d3c4b5a]]></FromUserName><CreateTime>1767225600</CreateTime><MsgType><![CDATA[video]]></MsgType><Video><MediaId><![CDATA[MEDIA_3f0qkJr2nLpXw8yT5vB7cD9eG1hK4mN6oQ8sU0wY2zA]]></MediaId><Title><![CDATA[t]]></Title><Description><![CDATA[d]]></Description></Video></xml>',
  },
  {
    name: 'music',
    reply: {
      type: 'music',
      title: 't',
      description: 'd',
      musicUrl: 'https://example.com/m.mp3',
      hqMusicUrl: 'https://example.com/hq.mp3',
      thumbMediaId: 'MEDIA_3f0qkJr2nLpXw8yT5vB7cD9eG1hK4mN6oQ8sU0wY2zA',
    },
    xml: '<xml><ToUserName><![CDATA[oTest0penid_AAAAAAAAAAAAAAA1]]></ToUserName><FromUserName><![CDATA[gh_0f1e2d3c4b5a]]></FromUserName><CreateTime>1767225600</CreateTime><MsgType><![CDATA[music]]></MsgType><Music><Title><![CDATA[t]]></Title><Description><![CDATA[d]]></Description><MusicUrl><![CDATA[https://example.com/m.mp3]]></MusicUrl><HQMusicUrl><![CDATA[https://example.com/hq.mp3]]></HQMusicUrl><ThumbMediaId><![CDATA[MEDIA_3f0qkJr2nLpXw8yT5vB7cD9eG1hK4mN6oQ8sU0wY2zA]]></ThumbMediaId></Music></xml>',
  },
  {
    name: 'news',
    reply: {
      type: 'news',
      articles: [
        {
          title: '标题',
          description: '描述',
          picUrl: 'https://example.com/p.jpg',
          url: 'https://example.com/a?b=1&c=2',
        },
      ],
    },
    xml: '<xml><ToUserName><![CDATA[oTest0penid_AAAAAAAAAAAAAAA1]]></ToUserName><FromUserName><![CDATA[gh_0f1e2d3c4b5a]]></FromUserName><CreateTime>1767225600</CreateTime><MsgType><![CDATA[news]]></MsgType><ArticleCount>1</ArticleCount><Articles><item><Title><![CDATA[标题]]></Title><Description><![CDATA[描述]]></Description><PicUrl><![CDATA[https://example.com/p.jpg]]></PicUrl><Url><![CDATA[https://example.com/a?b=1&c=2]]></Url></item></Articles></xml>',
  },
  {
    name: 'transfer',
    reply: {
      type: 'transfer_customer_service',
    },
    xml: '<xml><ToUserName><![CDATA[oTest0penid_AAAAAAAAAAAAAAA1]]></ToUserName><FromUserName><![CDATA[gh_0f1e2d3c4b5a]]></FromUserName><CreateTime>1767225600</CreateTime><MsgType><![CDATA[transfer_customer_service]]></MsgType></xml>',
  },
  {
    name: 'transfer.account',
    reply: {
      type: 'transfer_customer_service',
      kfAccount: 'test1@test',
    },
    xml: '<xml><ToUserName><![CDATA[oTest0penid_AAAAAAAAAAAAAAA1]]></ToUserName><FromUserName><![CDATA[gh_0f1e2d3c4b5a]]></FromUserName><CreateTime>1767225600</CreateTime><MsgType><![CDATA[transfer_customer_service]]></MsgType><TransInfo><KfAccount><![CDATA[test1@test]]></KfAccount></TransInfo></xml>',
  },
];

export const illegalAnswers = [
  {
    name: 'json',
    body: '{"errcode":0}',
  },
  {
    name: 'plain_word',
    body: 'haole',
  },
  {
    name: 'success_json_quoted',
    body: '"success"',
  },
  {
    name: 'empty_content_xml',
    body: '<xml><ToUserName><![CDATA[oTest0penid_AAAAAAAAAAAAAAA1]]></ToUserName><FromUserName><![CDATA[gh_0f1e2d3c4b5a]]></FromUserName><CreateTime>1767225600</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[]]></Content></xml>',
  },
  {
    name: 'broken_tag',
    body: '<xml><ToUserName><![CDATA[oTest0penid_AAAAAAAAAAAAAAA1]]></ToUserName><FromUserName><![CDATA[gh_0f1e2d3c4b5a]]></FromUserName><CreateTime>1767225600</CreateTime><MsgType><![CDATA[text]]></MsgType<Content><![CDATA[你好]]></Content></xml>',
  },
  {
    name: 'double_root',
    body: '<xml><xml><ToUserName><![CDATA[oTest0penid_AAAAAAAAAAAAAAA1]]></ToUserName><FromUserName><![CDATA[gh_0f1e2d3c4b5a]]></FromUserName><CreateTime>1767225600</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[你好]]></Content></xml></xml>',
  },
  {
    name: 'not_swapped',
    body: '<xml><ToUserName><![CDATA[gh_0f1e2d3c4b5a]]></ToUserName><FromUserName><![CDATA[oTest0penid_AAAAAAAAAAAAAAA1]]></FromUserName><CreateTime>1767225600</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[你好]]></Content></xml>',
  },
];

/** The text reply "你好", sealed for safe mode. */
export const sealedReply =
  '<xml><Encrypt><![CDATA[Q3stYC6hdFzMh9T8HCvyDMpVZSnK8QoS4NPD7JNcmXoMMWABgjCsiwxVlMeXsdA4PYlReLZr2eOSxNobMEDyxOtmphTZv0DoQL+J7oB8OVb/oF1zQXXm2YXbQHndLXr7xTqLf0uLqY3/NV6CZk8xZqw2eOrOgwC8F5SifUiT90r9uwWKhtGllWMOqktBUWJQgv12W0oyE8Yk33EFoMTTkSe0dV+9Mr+r/clH+BzAJ8eFjjtAM3jIHXQrn0yIAiRw6LG9O+AfveLHFRFGF36hfZSD9IjJPTYBX+FnLqWPhL76ZpQ0lgKsntV2U/y3BhdqKqolb5efM/ew42ZBGkLiA4haFiWcQxYpyTtl1s6qHs/Sq83HwBVzJ8zUSLyzV2Dj]]></Encrypt><MsgSignature><![CDATA[3fe453a2da2ee90899d8bbe63a846ee536195048]]></MsgSignature><TimeStamp>1767225600</TimeStamp><Nonce><![CDATA[1372623149]]></Nonce></xml>';
