/** The push could not be made durable in time: WeChat has to send it again. */
export class NotKeptError extends Error {
  override name = 'NotKeptError' as const;
}

/** Rejects where it takes longer: a disk may hang for ever. */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NotKeptError('neither Redis nor the disk answered in time')), Math.max(0, ms));
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
