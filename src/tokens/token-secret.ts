import { createHash } from "node:crypto";
import type { Ids } from "#ids.ts";

const format = /^arc_[A-Za-z0-9_-]{43}$/;

/** A new bearer token of 256 random bits. */
export const newTokenSecret = (ids: Ids): string => `arc_${ids.bytes(32).toString("base64url")}`;

export const isTokenSecret = (text: string): boolean => format.test(text);

/** What is stored instead of the token. No salt: 256 random bits are not guessed. */
export const hashOfToken = (secret: string): Buffer => createHash("sha256").update(secret).digest();
