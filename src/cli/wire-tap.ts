import { print } from './print.ts';
/** `--show-wire`: what goes over the wire, for a developer's eyes. */
export async function wireTap(
  show: boolean | undefined,
): Promise<((direction: string, ...texts: string[]) => void) | undefined> {
  if (!show) return undefined;
  const { explainReply } = await import('../wechat/explain.ts');
  const arrows: Record<string, string> = { push: '→ push', reply: '← reply', out: '→ API', in: '← API' };
  return (direction, ...texts) => {
    print(`${arrows[direction] ?? direction} ${masked(texts.join(' '))}`);
    const wrong = direction === 'reply' ? explainReply(texts.join('')) : undefined;
    if (wrong) print(`  WeChat would refuse it: ${wrong.en} ${wrong.zh}`);
  };
}

const masked = (text: string) => text.replace(/("(?:access_token|secret|appsecret)"\s*:\s*")[^"]*/g, '$1***');
