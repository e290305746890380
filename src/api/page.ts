import { z } from "zod";
import { text } from "./fields.ts";

export const defaultPageSize = 50;
export const longestPage = 200;

/** What every list takes. `cursor` is opaque: the last answer's `next_cursor`. */
export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(longestPage).default(defaultPageSize),
  cursor: z.string().min(1).max(200).optional(),
});

/** Newest first; `next_cursor` is null on the last page. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next_cursor: z.string().nullable() });

export const search = text(253);

/** `a,b`: any of these, each of them once. */
export const oneOf = <const Value extends string>(values: readonly Value[]) =>
  z
    .string()
    .max(300)
    .transform((list) => [...new Set(list.split(","))])
    .pipe(z.array(z.enum(values)).min(1));

/** A query parameter that is true or false. */
export const flag = z.enum(["true", "false"]).transform((value) => value === "true");
