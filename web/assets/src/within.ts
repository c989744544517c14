/** Rejects when nothing was heard for so long: a portal that ignores a command never answers it (reference bitrix24 5.4). */
export function within<T>(work: Promise<T>, milliseconds: number, what: string): Promise<T> {
  let timer = 0;
  const silence = new Promise<never>((_, reject) => {
    timer = window.setTimeout(() => reject(new Error(`${what}: no answer within ${milliseconds} ms`)), milliseconds);
  });

  return Promise.race([work, silence]).finally(() => window.clearTimeout(timer));
}
