// The floor: Koa answers, and nobody looks at the push.
import Koa from 'koa';
import { serve } from './serve.mjs';

const app = new Koa();
app.use((ctx) => {
  ctx.body = 'success';
});
serve(app);
