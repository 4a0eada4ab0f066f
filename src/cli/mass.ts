import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import { type Command, Option } from 'commander';
import type { WeChat } from '../api/client.ts';
import { ApiError, NetworkError } from '../api/errors.ts';
import type { MassFilter, MassMessage } from '../api/mass.ts';
import { image, materialNews, text, video, voice } from '../wechat/message.ts';
import { UsageError } from './exit-codes.ts';
import { readInput } from './json-file.ts';
import { describeOutcome, openResults, outcomeOf } from './mass-outcome.ts';
import { print, printError } from './print.ts';
import { TOOL_JSON_OPTION } from './tool.ts';
import { withWeChat } from './with-wechat.ts';

interface MessageOptions {
  readonly text?: string;
  readonly draft?: string;
  readonly image?: string;
  readonly voice?: string;
  readonly video?: string;
}
interface PreviewOptions extends MessageOptions {
  readonly openid?: string;
  readonly wechatId?: string;
  readonly json?: boolean;
}
interface SendOptions extends MessageOptions {
  readonly all?: boolean;
  readonly tag?: string;
  readonly openids?: string;
  readonly id?: string;
  readonly reprint?: boolean;
  readonly yes?: boolean;
  readonly wait?: string | true;
  readonly json?: boolean;
}
type Receivers = MassFilter | readonly string[];

/** WeChat's answers to a send that was done before under the same id, where they say no more than that. */
const SENT_BEFORE = [45065, 45066];
const WAIT_SECONDS = 600;

export function addMassCommand(program: Command): void {
  const mass = program.command('mass').description('messages to many: try one, send it, see what became of it');
  withMessage(mass.command('preview').description('send a message to one person, to look at'))
    .option('--openid <openid>', 'the follower who gets it')
    .option('--wechat-id <id>', 'or the WeChat id of a follower')
    .option(...TOOL_JSON_OPTION)
    .action(preview);
  withMessage(mass.command('send').description('send a message to many; asks first, and tells how many'))
    .option('--all', 'to all followers')
    .option('--tag <id>', 'to those with a tag')
    .option('--openids <file>', 'to these, 2 to 10000, an openid a line; service accounts only')
    .option('--id <clientmsgid>', 'your id of this send, at most 64 bytes; default: made of receivers and message')
    .option('--reprint', 'send articles that WeChat takes for reprints all the same')
    .option('--yes', 'do not ask')
    .option('--wait [seconds]', `wait for the outcome, at most so long; default: ${WAIT_SECONDS}`)
    .option(...TOOL_JSON_OPTION)
    .action(send);
  mass
    .command('status')
    .description('print what became of a send')
    .argument('<msg_id>', 'the id that "mass send" printed')
    .option(...TOOL_JSON_OPTION)
    .action((id: string, { json }: { json?: boolean }) =>
      withWeChat(async (wechat, shared) => {
        const answer = await wechat.mass.status(id);
        const find = await openResults(shared);
        const result = await find?.(id);
        const outcome = { ...answer, ...(result ? { result } : {}) };
        print(json ? JSON.stringify(outcome) : describeOutcome(outcome));
      }),
    );
  mass
    .command('delete')
    .description('take the page of news or of a video away; the card in the chats stays')
    .argument('<msg_id>', 'the id that "mass send" printed')
    .option('--article <number>', 'only one article, counted from 1', '0')
    .option(...TOOL_JSON_OPTION)
    .action((id: string, { article, json }: { article: string; json?: boolean }) =>
      withWeChat(async (wechat) => {
        await wechat.mass.delete(id, Number(article));
        print(json ? JSON.stringify({ done: 'deleted', msg_id: id }) : 'Deleted.');
      }),
    );
}

const withMessage = (command: Command): Command =>
  [
    new Option('--text <text>', 'a text'),
    new Option('--draft <media_id>', 'the articles of a draft'),
    new Option('--image <media_id>', 'a picture'),
    new Option('--voice <media_id>', 'a recording'),
    new Option(
      '--video <media_id>',
      'a video: the id that mass.uploadVideo() of the client answers, see docs/client.md',
    ),
  ].reduce((described, option) => described.addOption(option), command);

async function preview({ openid, wechatId, json, ...rest }: PreviewOptions): Promise<void> {
  if ((openid === undefined) === (wechatId === undefined)) throw new UsageError('give one of: --openid, --wechat-id.');
  const message = messageOf(rest);
  const to = openid === undefined ? { towxname: wechatId ?? '' } : { touser: openid };
  await withWeChat(async (wechat) => {
    const answer = await wechat.mass.preview(to, message);
    print(json ? JSON.stringify(answer) : 'Sent.');
  });
}

async function send(options: SendOptions): Promise<void> {
  const { yes, json, reprint } = options;
  const message = messageOf(options);
  const to = receiversOf(options);
  if (!yes && !(process.stdin.isTTY && process.stdout.isTTY))
    throw new UsageError('without a terminal nobody can be asked: say --yes to send.');
  const clientmsgid = options.id ?? digest(to, message);
  const wait = secondsOf(options.wait);
  await withWeChat(async (wechat, shared) => {
    const count = await countOf(wechat, to);
    printError(`To ${count} ${count === 1 ? 'user' : 'users'}, under the id ${clientmsgid}.`);
    if (!yes && !(await isConfirmed(`Send it to ${count}? (yes/no) `))) {
      printError('Nothing was sent.');
      process.exitCode = 1;
      return;
    }
    const how = { clientmsgid, ...(reprint ? { sendIgnoreReprint: true } : {}) };
    const sending = isList(to) ? wechat.mass.send(to, message, how) : wechat.mass.sendAll(to, message, how);
    const answer = await sending.catch((error: unknown) => {
      if (error instanceof ApiError && SENT_BEFORE.includes(error.errcode))
        printError('This was sent before, and is not sent again. To send it once more, give another --id.');
      if (error instanceof NetworkError && error.inDoubt)
        printError('Run the same again: under the same id it is not sent twice.');
      throw error;
    });
    if (answer.sentBefore)
      printError('This was sent before, and is not sent again. To send it once more, give another --id.');
    if (!json) print(`${answer.sentBefore ? 'Sent before' : 'Under way'}: msg_id ${answer.msg_id}`);
    const outcome =
      wait === undefined ? undefined : await outcomeOf(wechat, answer.msg_id, wait, await openResults(shared));
    if (json) print(JSON.stringify({ ...answer, ...outcome, clientmsgid, receivers: count }));
    else if (outcome) print(describeOutcome(outcome));
    if (outcome && outcome.msg_status !== 'SEND_SUCCESS') process.exitCode = 1;
  });
}

function secondsOf(wait: string | true | undefined): number | undefined {
  const seconds = wait === true ? WAIT_SECONDS : wait === undefined ? undefined : Number(wait);
  if (seconds === undefined || seconds >= 0) return seconds;
  throw new UsageError(`--wait ${wait} is not a number of seconds.`);
}

function messageOf(options: MessageOptions): Exclude<MassMessage, { type: 'images' }> {
  const makers = { text, draft: by(materialNews), image: by(image), voice: by(voice), video: by(video) };
  const given = Object.entries(makers).filter(([name]) => options[name as keyof MessageOptions] !== undefined);
  const [one] = given;
  if (!one || given.length > 1) throw new UsageError('give one of: --text, --draft, --image, --voice, --video.');
  const [name, make] = one;
  return make(options[name as keyof MessageOptions] ?? '');
}

const by =
  <M>(make: (fields: { mediaId: string }) => M) =>
  (mediaId: string): M =>
    make({ mediaId });

function receiversOf({ all, tag, openids }: SendOptions): Receivers {
  if ([all, tag, openids].filter((given) => given !== undefined).length !== 1)
    throw new UsageError('give one of: --all, --tag ID, --openids FILE.');
  if (tag !== undefined && !/^\d+$/.test(tag)) throw new UsageError(`--tag ${tag} is not the number of a tag.`);
  if (openids === undefined) return all ? { is_to_all: true } : { tag_id: Number(tag) };
  return [...new Set(readInput(openids).split(/\s+/).filter(Boolean))];
}

const isList = (to: Receivers): to is readonly string[] => Array.isArray(to);

/** The same receivers and message make the same id, so that a command that is run again sends nothing twice. */
const digest = (to: Receivers, message: MassMessage) =>
  createHash('sha256')
    .update(JSON.stringify([to, message]))
    .digest('hex')
    .slice(0, 32);

async function countOf(wechat: WeChat, to: Receivers): Promise<number> {
  if (isList(to)) return to.length;
  if ('is_to_all' in to) return (await wechat.users.page()).total ?? 0;
  const { tags } = await wechat.tags.get();
  const found = tags.find(({ id }) => id === to.tag_id);
  if (!found)
    throw new TypeError(`The account has no tag ${to.tag_id}; it has ${tags.map(({ id }) => id).join(', ')}.`);
  return found.count ?? 0;
}

async function isConfirmed(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  // A terminal that is closed (Ctrl-D) has said no.
  const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('no')));
  const said = await Promise.race([terminal.question(question), closed]);
  terminal.close();
  return /^(yes|y|是)$/i.test(said.trim());
}
