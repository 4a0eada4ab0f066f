/** Texts of any length that cost a reader of Markdown much: each grows by repeating what is looked through again and again. */
const SIGNS =
  '**b** |_a|*a |** |__|***|`|``a |~~|~~a |~|[|]|[a](|[a][|[a]: b "|![|<|<a |<!-- |<!-- -->|<b>|</i>|<p>|<div>\n|<a href="|&|&amp;|&#|\\|\\_|/:|/::*|http://|www.|a@|a@b.|https://a.com/x。|> |> > |- |+ |* |1. |    |\t|# |---\n|===\n|```\n|```a\n\n|~~~\n|| |a|b\n|-|-\n|: |[微笑]|a\n|a\n\n|\n| |字|。|（|“|😀|{|$|!|(|)|'
    .split('|')
    .filter((sign) => sign !== '');
const LINES = ['> ', '- ', '1. ', '| a | b |\n|-|-|\n| ', '<p>', '```\n', '# ', '[a]: https://a.com\n', '    '];

const repeated = (sign: string, length: number) => sign.repeat(Math.ceil(length / sign.length)).slice(0, length);

export const COSTLY: readonly (readonly [string, (length: number) => string])[] = [
  ['**b** and then _a', (length) => `**b** ${repeated('_a', length)}`],
  ...SIGNS.map((sign) => [JSON.stringify(sign), (length: number) => repeated(sign, length)] as const),
  ...SIGNS.map(
    (sign) => [`lines of ${JSON.stringify(sign)}`, (length: number) => repeated(`x${sign}y\n`, length)] as const,
  ),
  ...LINES.map(
    (line) => [`behind ${JSON.stringify(line)} **`, (length: number) => line + repeated('**', length)] as const,
  ),
  ...LINES.map(
    (line) =>
      [`a paragraph each of ${JSON.stringify(line)}`, (length: number) => repeated(`${line}a\n\n`, length)] as const,
  ),
  [
    'quotes in each other',
    (length) =>
      Array.from({ length: Math.ceil(Math.sqrt(length)) }, (_, n) => `${'>'.repeat(n % 900)} a`)
        .join('\n')
        .slice(0, length),
  ],
  [
    'lists in each other',
    (length) =>
      Array.from({ length: Math.ceil(Math.sqrt(length)) }, (_, n) => `${' '.repeat(n * 2)}- a`)
        .join('\n')
        .slice(0, length),
  ],
  ['quotes that go on', (length) => `${'> '.repeat(length / 4)}x\n${repeated('y\n', length / 2)}`],
  [
    'many references',
    (length) => Array.from({ length: length / 40 }, (_, n) => `[r${n}]: https://a.com/${n}\n\n[r${n}] x\n\n`).join(''),
  ],
];
