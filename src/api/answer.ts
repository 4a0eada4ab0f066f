import { parse } from 'lossless-json';
import { ApiError, NetworkError } from './errors.ts';

/** What an API answers where it does not refuse. An integer that a number cannot hold (`msgid`) is a string. */
export interface ApiAnswer {
  readonly errcode?: number;
  readonly errmsg?: string;
  readonly [field: string]: unknown;
}

/** The answer in a body. Throws `ApiError` for an errcode and `NetworkError` for what is no JSON object. */
export function readAnswer(api: string, text: string): ApiAnswer {
  let answer: unknown;
  try {
    answer = parseJson(text);
  } catch {
    throw new NetworkError(api, true, 'its body is not JSON');
  }
  if (typeof answer !== 'object' || answer === null) throw new NetworkError(api, true, 'its body is no JSON object');
  const known = answer as ApiAnswer;
  const { errcode = 0, errmsg = '' } = known;
  if (Number(errcode) !== 0) throw new ApiError(api, Number(errcode), String(errmsg), { answer: known });
  return known;
}

/** Only what has so many digits in a row can hold a number that loses some. */
const LONG_NUMBER = /\d{16}/;

function parseJson(text: string): unknown {
  // Raw control characters occur inside WeChat's JSON strings; JSON allows none.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const clean = text.replace(/[\u0000-\u001f]/g, ' ');
  if (!LONG_NUMBER.test(clean)) return JSON.parse(clean);
  return parse(clean, null, { parseNumber, onDuplicateKey: ({ newValue }) => newValue });
}

function parseNumber(digits: string): number | string {
  const value = Number(digits);
  return Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(digits) ? digits : value;
}
