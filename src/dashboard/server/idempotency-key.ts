/** A fresh key. Not `crypto.randomUUID()`: that is missing on a page that came over plain http from another machine. */
export const newIdempotencyKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
