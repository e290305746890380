import { z } from "zod";

/** What we can do without may be missing or odd: it is `null` then, and what it stands on is still there. */
export const optional = <T>(schema: z.ZodType<T>) => schema.nullish().catch(null);

/** What is not told is left out of what is kept: nothing is checked by it. */
export const orLeftOut = <T>(schema: z.ZodType<T>) =>
  optional(schema).transform((it): T | undefined => it ?? undefined);

/** As `optional`, for what ends in a column: null for what is no integer of PostgreSQL's, a TTL of 2^31 for one. */
export const optionalInt = z
  .int32()
  .nullish()
  .catch(null)
  .transform((it) => it ?? null);

/** Null for what is no time in any spelling, or not of the years 1 to 9999: PostgreSQL does not read what JavaScript writes of others. */
export const optionalDate = optional(z.string()).transform((text): Date | null => {
  const date = new Date(text ?? Number.NaN);
  const year = date.getUTCFullYear();
  return year >= 1 && year <= 9999 ? date : null;
});
