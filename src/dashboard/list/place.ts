import { z } from "zod";

/** Where a page was scrolled to, kept for Back and for a reload with its entry in the browser's history. */
const place = z.object({
  y: z.number(),
  /** In a list: the row at the top of the window, how far it is above it, and how many rows had been read. */
  key: z.string().optional(),
  gap: z.number().optional(),
  rows: z.int().optional(),
});
export type Place = Readonly<z.infer<typeof place>>;

const entry = z.object({ entry: z.string() });
const prefix = "arcadia-place-";

/** Undefined: the page was come to anew. */
export function placeHere(): Place | undefined {
  const { data } = entry.safeParse(history.state);
  const kept = data && sessionStorage.getItem(prefix + data.entry);
  return kept ? place.safeParse(JSON.parse(kept)).data : undefined;
}

export function keepPlace(it: Place): void {
  const known = entry.safeParse(history.state).data;
  const id = known?.entry ?? String(history.length + Math.random());
  if (!known) history.replaceState({ entry: id }, "");
  sessionStorage.setItem(prefix + id, JSON.stringify(it));
}
