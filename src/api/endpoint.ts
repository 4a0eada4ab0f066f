import type { Api } from './api.ts';
import type { ApiAnswer, ApiRequest } from './http.ts';
import type { Form } from './upload.ts';

type Calls = Pick<Api, 'call'>;
type Query = NonNullable<ApiRequest['query']>;

/** GETs an endpoint. @returns the answer's own fields */
export const get = async <Answer>(api: Calls, path: string, query?: Query): Promise<Answer> =>
  fieldsOf<Answer>(await api.call({ method: 'GET', path, ...(query ? { query } : {}) }));

/** POSTs to an endpoint; always with a body, for WeChat refuses an empty one (44002). @returns the answer's own fields */
export const post = async <Answer>(api: Calls, path: string, json: object, query?: Query): Promise<Answer> =>
  fieldsOf<Answer>(await api.call({ method: 'POST', path, json, ...(query ? { query } : {}) }));

/** Uploads a file to an endpoint. @returns the answer's own fields */
export const upload = async <Answer>(api: Calls, path: string, form: Form, query?: Query): Promise<Answer> =>
  fieldsOf<Answer>(await api.call({ method: 'POST', path, form, ...(query ? { query } : {}) }));

/**
 * Any API: what a GET is given is its query, what a POST is given its body; a query may stand in the path too. Throws TypeError
 * for what would not reach WeChat's API, or would give the token away.
 */
export async function callAny<Answer>(api: Calls, method: string, path: string, given: object = {}): Promise<Answer> {
  if (method !== 'GET' && method !== 'POST') throw new TypeError(`An API is called by GET or POST, not by ${method}.`);
  if (!/^\/[^/]/.test(path)) throw new TypeError('The path of an API begins with one /, such as /cgi-bin/menu/get.');
  const [name = '', search] = path.split('?', 2);
  const query = Object.fromEntries(new URLSearchParams(search));
  if ('access_token' in query || 'access_token' in given)
    throw new TypeError('The access_token is added to each call: leave it out.');
  if (method === 'POST') return post(api, name, given, query);
  const texts = Object.entries(given).map(([field, value]) => [field, String(value)]);
  return get(api, name, { ...query, ...Object.fromEntries(texts) });
}

/** Without `errcode` and `errmsg`: an answer that arrives here was a success. */
function fieldsOf<Answer>({ errcode: _code, errmsg: _words, ...fields }: ApiAnswer): Answer {
  return fields as Answer;
}

/** An id of 64 bits as text: as a number it would lose digits. */
export type Id = string;

/** The answer with each of these ids as text, in whatever form it was read. */
export function withIds<Answer extends object>(answer: Answer, ...names: (keyof Answer)[]): Answer {
  const ids = names.filter((name) => answer[name] !== undefined).map((name) => [name, String(answer[name])]);
  return { ...answer, ...Object.fromEntries(ids) };
}
