import { handler } from 'wxrelay';

/** Said to whoever follows the account. */
export default handler({
  name: 'welcome',
  on: 'event:subscribe',
  reply: '欢迎关注！Welcome! 发送「报告」或 "report"，试试一个耗时十秒的任务。',
});
