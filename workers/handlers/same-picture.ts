import { handler, image } from 'wxrelay';

/** A picture comes back as it was sent: its MediaId may be used in a passive reply for three days. */
export default handler({
  name: 'same-picture',
  on: 'image',
  reply: ({ push }) => image({ mediaId: push.MediaId }),
});
