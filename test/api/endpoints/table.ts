import { articles } from './rows/articles.ts';
import { codes } from './rows/codes.ts';
import { comments } from './rows/comments.ts';
import { core } from './rows/core.ts';
import { customerService } from './rows/customer-service.ts';
import { files } from './rows/files.ts';
import { mass } from './rows/mass.ts';
import { menu } from './rows/menu.ts';
import { ocr } from './rows/ocr.ts';
import { operations } from './rows/operations.ts';
import { people } from './rows/people.ts';
import type { Row } from './rows/row.ts';
import { statistics } from './rows/statistics.ts';
import { templates } from './rows/templates.ts';

export { APP_ID, SECRET } from './rows/row.ts';

/** Every endpoint of the client, in each form in which its request can go out. Shapes are those of the official pages. */
export const rows: readonly Row[] = [
  ...core,
  ...customerService,
  ...menu,
  ...mass,
  ...articles,
  ...files,
  ...templates,
  ...people,
  ...codes,
  ...operations,
  ...comments,
  ...statistics,
  ...ocr,
];

/** Methods that are no single request; other tests hold them. */
export const COMPOSED = [
  'warm',
  'with',
  'close',
  'users.list',
  'tags.users',
  'blacklist.list',
  'qrcodes.imageUrl',
  'jsSdk.signature',
];

/** Every method of the client by its name, such as `menu.create`. */
export const methodsOf = (client: object, prefix = ''): string[] =>
  Object.entries(client).flatMap(([name, member]) =>
    typeof member === 'function' ? [`${prefix}${name}`] : methodsOf(member as object, `${name}.`),
  );
