import { createHash } from "node:crypto";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { FastifyReply, FastifyRequest } from "fastify";

/** What is sent as it is to anybody who asks: made and packed once. */
export interface ServedFile {
  readonly type: string;
  readonly etag: string;
  readonly plain: Buffer;
  /** The smallest first, under the name of its content encoding. */
  readonly packed: readonly (readonly [encoding: "br" | "gzip", bytes: Buffer])[];
}

/** A better one takes twenty times as long, for 7 % less. */
const quality = 9;

export const servedFile = (type: string, plain: Buffer): ServedFile => ({
  type,
  etag: `"${createHash("sha256").update(plain).digest("base64url").slice(0, 27)}"`,
  plain,
  packed: [
    ["br", brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } })],
    ["gzip", gzipSync(plain, { level: 9 })],
  ],
});

/** In the smallest form that whoever asks takes; a 304 where he has it. */
export function sendFile(request: FastifyRequest, reply: FastifyReply, file: ServedFile): FastifyReply {
  void reply.header("etag", file.etag).header("vary", "accept-encoding").type(file.type);
  if (request.headers["if-none-match"] === file.etag) return reply.code(304).send();
  const takes = String(request.headers["accept-encoding"]).split(/[\s,;]+/);
  const [encoding, bytes] = file.packed.find(([name]) => takes.includes(name)) ?? [];
  return encoding === undefined ? reply.send(file.plain) : reply.header("content-encoding", encoding).send(bytes);
}
