import type { FastifyRequest } from "fastify";
import { hashOfToken } from "#tokens/token-secret.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The hash of the token that came with the request; null: none came that could be one. */
    bearer: Buffer | null;
  }
}

const format = /^bearer +([\x21-\x7e]{1,200})$/i;

export function bearerOf({ headers }: FastifyRequest): Buffer | null {
  const secret = format.exec(headers.authorization ?? "")?.[1];
  return secret === undefined ? null : hashOfToken(secret);
}
