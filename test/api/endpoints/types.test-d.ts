// What the types of the client promise. Compiled by `npm run types`; nothing here runs.
import { expectTypeOf } from 'vitest';
import { type MenuButton, text, transfer, type WeChat } from '../../../src/index.ts';

declare const wechat: WeChat;

// A button has what its type needs.
const buttons: MenuButton[] = [
  { type: 'click', name: '天气', key: 'WEATHER' },
  { name: '更多', sub_button: [{ type: 'view', name: '官网', url: 'https://example.com/' }] },
  // @ts-expect-error a click has a key
  { type: 'click', name: '天气' },
  // @ts-expect-error a view has a URL
  { type: 'view', name: '官网', key: 'X' },
  // @ts-expect-error no button has two levels below it
  { name: '更多', sub_button: [{ name: '更多', sub_button: [] }] },
];
void wechat.menu.create({ button: buttons });

// Receivers are all, or a tag.
void wechat.mass.sendAll({ is_to_all: true }, text('大家好'));
// @ts-expect-error nobody is named
void wechat.mass.sendAll({}, text('大家好'));
// @ts-expect-error a transfer cannot be sent to many
void wechat.mass.sendAll({ tag_id: 2 }, transfer());

// Ids of 64 bits are text.
expectTypeOf(wechat.mass.status).parameter(0).toEqualTypeOf<string>();
expectTypeOf(wechat.publishing.submit).returns.resolves.toHaveProperty('publish_id').toEqualTypeOf<string>();

// A list is read with for await.
expectTypeOf(wechat.users.list()).toExtend<AsyncIterable<string>>();
