// What an error of the API says, where the server that answers is not WeChat.
import { expect, test } from 'vitest';
import { ApiError } from '../../src/api/errors.ts';
import { rememberSecret } from '../../src/redact.ts';

const APP_SECRET = 'AppSecretOfTheTest0123456789abcd';

test.each([
  ['the body of a token call', `invalid {"grant_type":"client_credential","secret":"${APP_SECRET}"}`],
  ['an address with a token', `no such path /cgi-bin/menu/get?access_token=99_${'a'.repeat(40)}`],
  ['a header with its scheme', 'got Authorization: Bearer 99_abcdefgh'],
  ['a header of a proxy', 'got Proxy-Authorization: Basic 99_abcdefgh'],
  ['headers as JSON', 'got {"authorization":"Bearer 99_abcdefgh"}'],
  ['JSON within JSON', 'got {"body":"{\\"access_token\\":\\"99_abcdefgh\\"}"}'],
  ['a query that was encoded once more', 'got %3Fsecret%3D99_abcdefgh'],
  ['a secret by itself', `what is ${APP_SECRET}?`],
])('a server that repeats %s puts no secret into the error', (_, errmsg) => {
  rememberSecret(APP_SECRET);
  const error = new ApiError('/cgi-bin/stable_token', 40013, errmsg);
  for (const said of [error.message, error.errmsg]) {
    expect(said).toContain('***');
    expect(said).not.toMatch(/AppSecretOfTheTest|99_a/);
  }
});

test('what WeChat says stays', () => {
  const error = new ApiError('/cgi-bin/menu/get', 46003, 'menu no exist rid: 608780e2-4b5d9662-035705c2');
  expect(error.errmsg).toBe('menu no exist rid: 608780e2-4b5d9662-035705c2');
  expect(error.rid).toBe('608780e2-4b5d9662-035705c2');
});
