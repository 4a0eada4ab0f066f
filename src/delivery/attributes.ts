const ATTRIBUTE = /([a-z][a-z0-9-]*)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+))/gi;

/** The attributes of an HTML tag by their names in small letters: with quotes of both kinds, or without. The first of a name counts. */
export function attributesOf(tag: string): Map<string, string> {
  const found = Array.from(tag.matchAll(ATTRIBUTE), ([, name = '', double, single, bare]): [string, string] => [
    name.toLowerCase(),
    double ?? single ?? bare ?? '',
  ]);
  return new Map(found.reverse());
}
