import { connect as connectPlain } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** Milliseconds. */
const WITHIN = 2000;

const CERTIFICATE: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by an authority that Node does not know',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by an authority that Node does not know',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is signed by an authority that Node does not know',
};

/**
 * What is wrong between REDIS_URL and the TLS of the server, where an error may come from that; `undefined` where nothing is.
 * The errors themselves do not tell: either side waits for the other, or hangs up.
 */
export async function adviceOnTls(url: string, error: Error): Promise<string | undefined> {
  const { code = '' } = error as NodeJS.ErrnoException;
  const { protocol, hostname, port } = new URL(url);
  const where = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 6379) };
  if (CERTIFICATE[code])
    return `${CERTIFICATE[code]}: set NODE_EXTRA_CA_CERTS to the file of the authority's certificate, in the real environment`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return 'its certificate is for another name: put that name into REDIS_URL instead of this one';
  if (!/^(ECONNRESET|EPIPE|ETIMEDOUT|ERR_SSL_.*)$/.test(code)) return undefined;
  if (protocol === 'redis:' && (await speaksTls(where)))
    return 'REDIS_URL begins with redis://, but this port speaks TLS: write rediss://';
  if (protocol === 'rediss:' && (await speaksPlain(where)))
    return 'REDIS_URL begins with rediss://, but this port speaks no TLS: write redis://, or name the TLS port';
  return undefined;
}

interface Where {
  readonly host: string;
  readonly port: number;
}

/** Nothing is sent that matters, so its certificate does not either. */
function speaksTls(where: Where): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTls({ ...where, rejectUnauthorized: false });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(WITHIN, () => end(false));
    socket.once('secureConnect', () => end(true)).on('error', () => end(false));
    socket.once('close', () => end(false));
  });
}

function speaksPlain(where: Where): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectPlain(where, () => socket.write('PING\r\n'));
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(WITHIN, () => end(false));
    socket.once('data', (bytes) => end(/^[+-]/.test(bytes.toString()))).on('error', () => end(false));
    socket.once('close', () => end(false));
  });
}
