// What a push needs at the least, as people write it by hand.
import { createHash } from 'node:crypto';
import { XMLParser } from 'fast-xml-parser';
import { account } from '../lib/account.mjs';

export function readBody(req) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    req.on('data', (chunk) => chunks.push(chunk));
    req.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    req.on('error', reject);
  });
}

export function isSigned({ signature, timestamp, nonce }) {
  const parts = [account.token, timestamp, nonce].sort().join('');
  return createHash('sha1').update(parts).digest('hex') === signature;
}

const parser = new XMLParser({ parseTagValue: false });

export const parse = (xml) => parser.parse(xml).xml;
