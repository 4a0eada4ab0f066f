#!/bin/sh
# fast-xml-parser 5.12.1 and XML's references, against saxes 6.0.0, a strict parser.
#
# Valid input: what Go's encoding/xml writes for a quote, a tab and a newline (&#34; &#x9; &#xA;). XML 1.0 §4.1: a reference by
# number stands for its character in every document, without any declaration.
# Seen: fast-xml-parser hands out "&#34;a&#34;" as it stands unless htmlEntities is on, which also decodes names that XML
# lacks; its XMLValidator finds nothing wrong with &nbsp;, which saxes refuses as undefined.
# Why it matters: whoever reads replies of other languages' servers with it shows &#34; to people, and counts five bytes for one.
#
# Exits with an error where the behaviour has changed.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund fast-xml-parser@5.12.1 saxes@6.0.0
cat > look.mjs <<'JS'
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { SaxesParser } from 'saxes';

const strict = (xml) => {
  let text = '';
  const parser = new SaxesParser();
  parser.on('text', (piece) => (text += piece));
  parser.on('error', (error) => {
    throw error;
  });
  try {
    parser.write(xml).close();
    return text;
  } catch (error) {
    return `refused: ${error.message}`;
  }
};
const seen = ['&#34;a&#34;', '&#x4f60;', '&nbsp;'].map((content) => {
  const xml = `<a>${content}</a>`;
  return {
    content,
    saxes: strict(xml),
    'fast-xml-parser': new XMLParser().parse(xml).a,
    htmlEntities: new XMLParser({ htmlEntities: true }).parse(xml).a,
    valid: XMLValidator.validate(xml) === true,
  };
});
console.table(seen);
const [quote, hex, name] = seen;
const same =
  quote.saxes === '"a"' &&
  quote['fast-xml-parser'] === '&#34;a&#34;' &&
  quote.htmlEntities === '"a"' &&
  hex['fast-xml-parser'] === '&#x4f60;' &&
  name.saxes.startsWith('refused') &&
  name.valid;
process.exit(same ? 0 : 1);
JS
node look.mjs
