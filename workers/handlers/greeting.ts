import { handler } from 'wxrelay';

const GREETINGS = ['你好', 'Hello', 'Hola', 'Bonjour', 'こんにちは', 'Привет'];

/** Answers every message that nothing else takes: worked out in a worker, sent as a customer-service message. */
export default handler({
  name: 'greeting',
  on: 'message',
  run: () => GREETINGS.join(' · '),
});
