import { z } from "zod";

/**
 * A backup is gzip over lines of JSON: the manifest; of each table its name and columns, then its rows, each a string
 * in PostgreSQL's own row notation, which loses nothing of any type; the files that go with the database; the end.
 */
export const manifest = z.object({
  format: z.literal("arcadia-backup"),
  version: z.literal(1),
  release: z.string(),
  /** When the transaction began in which everything was read. */
  taken_at: z.iso.datetime(),
  migrations: z.array(z.object({ version: z.int(), name: z.string(), checksum: z.string() })),
});
export type Manifest = z.infer<typeof manifest>;

const table = z.strictObject({ table: z.string(), columns: z.array(z.string()) });
const file = z.strictObject({ file: z.string(), content: z.string() });
/** `sha256`: of every line before this one, with its line end. A file that was cut off has no such line. */
export const end = z.strictObject({ end: z.literal(true), rows: z.int(), sha256: z.string() });

/** A line after the manifest. */
export const line = z.union([z.string(), table, file, end]);
export type Line = z.infer<typeof line>;

/** The backup cannot be made, read or restored as it was asked; nothing was changed. */
export class BackupError extends Error {
  override readonly name = "BackupError";
}
