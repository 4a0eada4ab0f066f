// The floor: Koa reads the body and answers, and nobody looks at the push.
import Koa from 'koa';
import { readBody } from './by-hand.mjs';
import { serve } from './serve.mjs';

const app = new Koa();
app.use(async (ctx) => {
  await readBody(ctx.req);
  ctx.body = 'success';
});
serve(app);
