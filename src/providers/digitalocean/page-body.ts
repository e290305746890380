import { z } from "zod";
import type { List } from "./pages.ts";

/** An item of a listing that is not understood. */
export interface Unreadable {
  /** Undefined where not even that can be read: it may be any. */
  readonly id: number | undefined;
  /** Where it stood, and what is wrong with it. */
  readonly fault: string;
  readonly mayBeLeftOut: boolean;
}

export interface Page<T> {
  readonly total: number;
  /** How many items it had, understood or not. */
  readonly length: number;
  readonly items: readonly T[];
  readonly unreadable: readonly Unreadable[];
}

const identified = z.object({ id: z.int() });

/** One page of a listing. Refused: more items than were asked for, and an odd one that the listing cannot do without. */
export function pageSchema<T>({ key, schema, oddItem }: List<T>, most: number): z.ZodType<Page<T>> {
  return z.looseObject({ meta: z.object({ total: z.int() }) }).transform((body, context): Page<T> => {
    const listed = z.array(z.unknown()).max(most).safeParse(body[key]);
    if (!listed.success) {
      for (const { message } of listed.error.issues) context.addIssue({ code: "custom", path: [key], message });
      return z.NEVER;
    }
    const items: T[] = [];
    const unreadable: Unreadable[] = [];
    for (const [index, item] of listed.data.entries()) {
      const parsed = schema.safeParse(item);
      if (parsed.success) {
        items.push(parsed.data);
        continue;
      }
      const verdict = oddItem(item);
      if (verdict === "refuse") {
        for (const { path, message } of parsed.error.issues)
          context.addIssue({ code: "custom", path: [key, index, ...path], message });
        continue;
      }
      const fault = parsed.error.issues.map((it) => told(key, index, it)).join("; ");
      unreadable.push({ id: identified.safeParse(item).data?.id, fault, mayBeLeftOut: verdict === "leave out" });
    }
    return { total: body.meta.total, length: listed.data.length, items, unreadable };
  });
}

const told = (key: string, index: number, { path, message }: z.core.$ZodIssue): string =>
  `${[key, index, ...path].join(".")}: ${message}`;
