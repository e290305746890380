import { z } from "zod";

/**
 * A backup is gzip over lines of JSON: the manifest; of each table its name and columns, then its rows, each a string
 * in PostgreSQL's own row notation, which loses nothing of any type; the files that go with the database; the end.
 * Version 1, of release 0.1.0, has no `hmac`.
 */
export const manifest = z.object({
  format: z.literal("arcadia-backup"),
  version: z.union([z.literal(1), z.literal(2)]),
  release: z.string(),
  /** When the transaction began in which everything was read. */
  taken_at: z.iso.datetime(),
  migrations: z.array(z.object({ version: z.int(), name: z.string(), checksum: z.string() })),
});
export type Manifest = z.infer<typeof manifest>;

const table = z.strictObject({ table: z.string(), columns: z.array(z.string()) });
const file = z.strictObject({ file: z.string(), content: z.string() });
/**
 * `sha256`: of every line before this one, with its line end. A file that was cut off has no such line.
 * `hmac`: of that, with the key that seals the secrets; missing when there was none.
 */
export const end = z.strictObject({
  end: z.literal(true),
  rows: z.int(),
  sha256: z.string(),
  hmac: z.string().optional(),
});

/** A line after the manifest. */
export const line = z.union([z.string(), table, file, end]);
export type Line = z.infer<typeof line>;

/** Of a line, in bytes: many times the largest row that the API lets anybody make, and little enough to hold. */
export const longestLine = 16_000_000;
/** Of the files that go with the database. */
export const mostFiles = 16;

/** What proves that whoever made a backup had the key: `digest` is that key's keyed hash. */
export const hmacOf = (digest: (text: string) => Buffer, sha256: string): string =>
  digest(`a backup of arcadia with the checksum ${sha256}`).toString("hex");

/** The backup cannot be made, read or restored as it was asked; nothing was changed. */
export class BackupError extends Error {
  override readonly name = "BackupError";
}
