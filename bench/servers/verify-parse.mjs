// Koa, the signature and the XML: what is left when nothing is kept.
import Koa from 'koa';
import { isSigned, parse, readBody } from './by-hand.mjs';
import { serve } from './serve.mjs';

const app = new Koa();
app.use(async (ctx) => {
  if (!isSigned(ctx.query)) ctx.throw(401);
  const push = parse(await readBody(ctx.req));
  ctx.body = push.FromUserName ? 'success' : '';
});
serve(app);
