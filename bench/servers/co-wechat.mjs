// co-wechat as it comes from npm, echoing what the user wrote; nothing is kept.
import { createRequire } from 'node:module';
import Koa from 'koa';
import { account } from '../lib/account.mjs';
import { serve } from './serve.mjs';

const require = createRequire(new URL('../peers/package.json', import.meta.url));
const wechat = require('co-wechat');

const app = new Koa();
app.use(wechat({ token: account.token }).middleware(async (message) => message.Content));
serve(app);
