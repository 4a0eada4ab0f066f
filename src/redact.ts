// What may be printed of a text that has passed through strange hands.

const secrets = new Set<string>();

/** What is shorter stands in words by chance. */
const SHORTEST = 4;

/** From now on `redact` knows this one, as it is, as it stands in a URL, and the user's part of a URL by its halves. */
export function rememberSecret(value: string): void {
  const login = /^\w+:\/\/(?:([^:]*):)?(.*)@/s.exec(value);
  for (const secret of [value, login?.[2]])
    if (secret && secret.length >= SHORTEST)
      for (const form of [secret, encodeURIComponent(secret), decoded(secret)]) secrets.add(form);
}

/** The same text without the secrets of this process, logins of URLs, tokens and keys in queries and JSON. */
export function redact(text: string): string {
  let shown = text;
  for (const secret of [...secrets].sort((a, b) => b.length - a.length)) shown = shown.replaceAll(secret, '***');
  return shown.replace(/(\w+:\/\/)(?!user:password@)[^\s/@]*@/g, '$1***@').replace(
    // As a header with its scheme, in a query that was encoded once more, in JSON and in JSON within JSON.
    /((?:access_token|secret|appsecret|ticket|password|authorization)[\\"']*\s*(?:[=:]|%3D)[\s\\"']*(?:(?:Bearer|Basic)\s+)?)[^\s\\"'&,}]+/gi,
    '$1***',
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
