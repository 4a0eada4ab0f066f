import { handler } from 'wxrelay';

export default handler({
  name: 'hi',
  on: 'text',
  match: /^hi$/i,
  reply: "Hi, I'm here.",
});
