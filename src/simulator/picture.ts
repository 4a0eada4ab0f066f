// The picture that the chat page's follower sends: drawn here, so that the package ships no binary files.
import { crc32, deflateSync } from 'node:zlib';

const WIDTH = 240;
const HEIGHT = 180;

type Colour = [number, number, number];

/** A PNG of a sun over two hills. */
export function drawPicture(): Buffer {
  const rows: Buffer[] = [];
  for (let y = 0; y < HEIGHT; y++) {
    const row = Buffer.alloc(1 + WIDTH * 3);
    for (let x = 0; x < WIDTH; x++) row.set(colourAt(x, y), 1 + x * 3);
    rows.push(row);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(WIDTH, 0);
  header.writeUInt32BE(HEIGHT, 4);
  header.set([8, 2], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

function colourAt(x: number, y: number): Colour {
  let colour = mix([126, 192, 238], [255, 226, 190], y / 130);
  colour = mix(colour, [255, 244, 214], cover(27 - Math.hypot(x - 172, y - 58)));
  colour = mix(colour, [112, 168, 140], cover(y - (112 + 20 * Math.sin(x / 38 + 2.4))));
  return mix(colour, [62, 128, 98], cover(y - (138 + 14 * Math.sin(x / 30))));
}

/** How much of a pixel is covered by a shape whose edge is so far away: soft edges. */
function cover(distance: number): number {
  return Math.min(1, Math.max(0, distance + 0.5));
}

function mix(from: Colour, to: Colour, part: number): Colour {
  const at = Math.min(1, part);
  return [0, 1, 2].map((i) => Math.round(from[i]! + (to[i]! - from[i]!) * at)) as Colour;
}
