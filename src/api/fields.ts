import { z } from "zod";
import { filledId } from "#ids.ts";
import { speakPlainly } from "./words.ts";

// Every schema of ours is made of these fields.
speakPlainly();

/** Text that PostgreSQL can store, as text and as jsonb: no control characters, no lone surrogates. */
export const text = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .regex(/^\P{Cc}*$/u, "must not hold control characters")
    .refine((value) => value.isWellFormed(), "must be well-formed Unicode");

export const id = z.uuid().toLowerCase();
export const timestamp = z.iso.datetime();

/** A moment that is asked for, with any offset: in UTC of the years that PostgreSQL and RFC 3339 both write. */
export const moment = z.iso.datetime({ offset: true }).refine((value) => {
  const year = new Date(value).getUTCFullYear();
  return year >= 1 && year <= 9999;
}, "must be within the years 1 to 9999 in UTC");

/** As an id begins: of its 32 digits the first eight, or more. */
export const idPrefix = z
  .string()
  .max(36)
  .toLowerCase()
  .refine(
    (prefix) => prefix.length >= 8 && z.guid().safeParse(filledId(prefix, "0")).success,
    "must be the beginning of an id, at least 8 characters",
  );

/** A droplet id: an integer that JSON and JavaScript carry exactly. */
export const providerId = z.int().positive();

const dnsName = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$/;
const dnsPattern = /^(?:\*\.)?[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** A DNS name, normalised to lower case without the trailing dot. */
export const hostname = z
  .string()
  .max(254)
  .toLowerCase()
  .overwrite((value) => value.replace(/\.$/, ""))
  .max(253)
  .regex(dnsName, "must be a DNS name, such as app.example.com");

/** What hostnames a tenant may use: an exact name, or `*.suffix` for one or more labels before the suffix. */
export const hostnamePattern = z
  .string()
  .max(256)
  .toLowerCase()
  .overwrite((value) => value.replace(/\.$/, ""))
  .regex(dnsPattern, "must be a DNS name or *.suffix, such as *.acme.example.com");

export const slug = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/, "must be lower-case letters, digits and hyphens");

/**
 * A droplet's name as DigitalOcean takes it, `^[a-zA-Z0-9]?[a-z0-9A-Z.\-]*[a-z0-9A-Z]$`, with room left of its
 * 255 characters for the suffix that makes the name ours.
 */
export const dropletName = z
  .string()
  .min(1)
  .max(200)
  .regex(
    /^[a-zA-Z0-9]?[a-z0-9A-Z.-]*[a-z0-9A-Z]$/,
    "must be letters, digits, dots and hyphens, and end with a letter or digit",
  );

const catalogueSlug = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[a-z0-9][a-z0-9._-]*$/, "must be a slug of the provider's catalogue");
export const region = catalogueSlug;
export const sizeSlug = catalogueSlug;

/** An image's slug, or its integer id. */
export const image = z.union([providerId, catalogueSlug], "must be an image's slug or its integer id");

const fingerprint = /^(?:[0-9a-f]{2}(?::[0-9a-f]{2}){15}|SHA256:[A-Za-z0-9+/]{43}=?)$/;

/** The provider's key ids or fingerprints. */
export const sshKeys = z
  .array(
    z.union(
      [providerId, z.string().max(100).regex(fingerprint, "must be an SSH key's fingerprint")],
      "must be an SSH key's id or fingerprint",
    ),
  )
  .max(50);

const longestUserData = 64 * 1024;

/**
 * Handed to the droplet at its first boot, byte for byte in UTF-8; DigitalOcean takes at most 64 KiB. Never given back.
 * What has no UTF-8 is refused: encoding it would put another character in its place.
 */
export const userData = z
  .string()
  .min(1)
  .refine((value) => !value.includes("\0"), "must not hold null bytes")
  .refine((value) => value.isWellFormed(), "must be well-formed Unicode: it holds half of a surrogate pair")
  .refine((value) => new TextEncoder().encode(value).length <= longestUserData, "must be at most 64 KiB");

/** The header Idempotency-Key of a POST: the same key and body give the first answer again, for 24 hours. */
export const idempotencyKey = z
  .string()
  .max(255)
  .regex(/^[\x21-\x7e]+$/, "must be 1 to 255 printable ASCII characters without spaces");
