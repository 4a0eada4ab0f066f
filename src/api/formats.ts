/** What a file is, told by its content. */

/** Pictures, sounds and films: what WeChat takes somewhere, and what else people have. */
const CONTENT_TYPES = {
  png: 'image/png',
  jpg: 'image/jpeg',
  gif: 'image/gif',
  bmp: 'image/bmp',
  webp: 'image/webp',
  heic: 'image/heic',
  avif: 'image/avif',
  svg: 'image/svg+xml',
  tiff: 'image/tiff',
  ico: 'image/x-icon',
  jxl: 'image/jxl',
  jp2: 'image/jp2',
  amr: 'audio/amr',
  mp3: 'audio/mpeg',
  wma: 'audio/x-ms-wma',
  wav: 'audio/wav',
  ogg: 'audio/ogg',
  flac: 'audio/flac',
  aac: 'audio/aac',
  m4a: 'audio/mp4',
  aiff: 'audio/aiff',
  midi: 'audio/midi',
  silk: 'audio/x-silk',
  mp4: 'video/mp4',
  mov: 'video/quicktime',
  '3gp': 'video/3gpp',
  webm: 'video/webm',
  avi: 'video/x-msvideo',
  flv: 'video/x-flv',
  mpeg: 'video/mpeg',
} as const;

export type Format = keyof typeof CONTENT_TYPES;

export const contentTypeOf = (format: Format): string => CONTENT_TYPES[format];

/** How files of a format begin, `.` standing for any digit. Films, and pictures made like films, are told by their brand. */
const BEGINNINGS: readonly [Format, RegExp][] = [
  ['png', /^89504e470d0a1a0a/],
  ['jpg', /^ffd8ff/],
  ['gif', /^474946383[79]61/],
  ['bmp', /^424d.{8}00000000/],
  ['webp', /^52494646.{8}57454250/],
  ['heic', /^.{8}66747970(?:6865(?:6963|6978|696d|6973|7663|7678)|6d6966|6d7366)/],
  ['avif', /^.{8}66747970617669(?:66|73)/],
  ['tiff', /^(?:49492a00|4d4d002a)/],
  ['ico', /^00000100/],
  ['jxl', /^(?:ff0a|0000000c4a584c20)/],
  ['jp2', /^(?:0000000c6a502020|ff4fff51)/],
  ['amr', /^2321414d52/],
  ['mp3', /^(?:494433|ff[ef][2-7a-f])/],
  ['wma', /^3026b2758e66cf11/],
  ['wav', /^52494646.{8}57415645/],
  ['ogg', /^4f676753/],
  ['flac', /^664c6143/],
  ['aac', /^fff[0189]/],
  ['m4a', /^.{8}667479704d34(?:41|42)/],
  ['aiff', /^464f524d.{8}41494646/],
  ['midi', /^4d546864/],
  ['silk', /^(?:02)?232153494c4b/],
  ['mov', /^.{8}6674797071742020/],
  ['3gp', /^.{8}667479703367/],
  ['mp4', /^.{8}66747970/],
  ['webm', /^1a45dfa3/],
  ['avi', /^52494646.{8}41564920/],
  ['flv', /^464c5601/],
  ['mpeg', /^000001b[3a]/],
];
const SVG = /^\ufeff?\s*(?:<\?xml[^>]*>\s*)?(?:<!doctype\s+svg[^>]*>\s*)?<svg[\s>]/i;

/** Bytes after which it is known. */
export const ENOUGH = 1024;

/** @param beginning the first bytes of a file, up to `ENOUGH` of them */
export function formatOf(beginning: Buffer): Format | undefined {
  const hex = beginning.toString('hex', 0, 16);
  const found = BEGINNINGS.find(([, pattern]) => pattern.test(hex))?.[0];
  if (found !== undefined) return found;
  return SVG.test(beginning.toString('utf8').replace(/<!--[\s\S]*?-->/g, '')) ? 'svg' : undefined;
}
