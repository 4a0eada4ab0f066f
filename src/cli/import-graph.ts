import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** `import … from`, `export … from`, `import('…')`, of a file beside or of wxrelay itself. */
const SPECIFIER = /\b(?:from|import)\s*\(?\s*['"](\.{1,2}\/[^'"]+|wxrelay)['"]/g;
const DYNAMIC = /\bimport\s*\(\s*$/;

/** The files that a module loads, itself among them; `lazily`: those too that it only loads when they are asked for. */
export function filesOf(entry: string, { frontDoor, lazily }: { frontDoor: string; lazily: boolean }): Set<string> {
  const found = new Set<string>();
  const queue = [entry];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (found.has(file) || !existsSync(file)) continue;
    found.add(file);
    const code = readFileSync(file, 'utf8');
    for (const match of code.matchAll(SPECIFIER)) {
      const specifier = match[1] as string;
      if (!lazily && DYNAMIC.test(match[0].slice(0, -specifier.length - 2))) continue;
      queue.push(specifier === 'wxrelay' ? frontDoor : resolve(dirname(file), specifier));
    }
  }
  return found;
}
