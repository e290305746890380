import fc from "fast-check";
import { expect, test } from "vitest";
import { type Known, nothingKnown, readRange } from "./known.ts";

interface Item {
  readonly at: number;
  readonly version: number;
}
const keyOf = ({ at }: Item) => String(at).padStart(6, "0");

/** A list as the server pages it: newest first, each cursor the place after an item. */
const server = (items: readonly Item[]) => async (cursor: string | undefined, limit: number) => {
  const rest = items.filter(({ at }) => cursor === undefined || at < Number(cursor));
  const page = rest.slice(0, limit);
  return { items: page, next_cursor: rest.length > limit ? String(page.at(-1)?.at) : null };
};
const list = (ats: readonly number[], version = 0): Item[] =>
  [...new Set(ats)].toSorted((a, b) => b - a).map((at) => ({ at, version }));

test("reading on shows the whole list, each item once and in order", async () => {
  const items = list(Array.from({ length: 430 }, (_, index) => index));
  let known: Known<Item> = nothingKnown;
  for (let rounds = 0; !known.complete && rounds < 20; rounds += 1) {
    const { length } = known.items;
    known = await readRange(server(items), known, { from: Math.max(0, length - 30), to: length + 60 }, keyOf);
  }
  expect(known.items).toEqual(items);
});

test("the middle is read again without its top, and what left it is gone", async () => {
  const items = list(Array.from({ length: 400 }, (_, index) => index));
  const known = await readRange(server(items), nothingKnown, { from: 0, to: 300 }, keyOf);
  const changed = items.filter(({ at }) => at !== 150).map((item) => ({ ...item, version: 1 }));
  const asked: (string | undefined)[] = [];
  const read = (cursor: string | undefined, limit: number) => {
    asked.push(cursor);
    return server(changed)(cursor, limit);
  };
  const again = await readRange(read, known, { from: 240, to: 260 }, keyOf);
  expect(asked).not.toContain(undefined);
  expect(again.items.map(({ at }) => at)).not.toContain(150);
  expect(again.items.slice(240, 260).every(({ version }) => version === 1)).toBe(true);
  expect(again.items[0]?.version).toBe(0);
});

test("whatever comes and goes between two readings, what is known has no gap, no repetition and no wrong order", async () => {
  const ats = fc.uniqueArray(fc.nat(2000), { maxLength: 600 });
  const range = fc.record({ from: fc.nat(700), more: fc.nat(150) });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(ats, range), { minLength: 1, maxLength: 6 }), async (rounds) => {
      let known: Known<Item> = nothingKnown;
      const seen: Item[][] = [];
      for (const [version, [there, { from, more }]] of rounds.entries()) {
        const items = list(there, version);
        seen.push(items);
        const start = Math.min(from, known.items.length);
        known = await readRange(server(items), known, { from: start, to: start + more }, keyOf);
        const keys = known.items.map(keyOf);
        expect(keys).toEqual([...new Set(keys)].toSorted().toReversed());
        // What was just read is as the server has it, from its first item to its last.
        const fresh = known.items.filter((item) => item.version === version);
        const [newest, oldest] = [fresh[0], fresh.at(-1)];
        if (!newest || !oldest) continue;
        expect(fresh).toEqual(items.filter(({ at }) => at <= newest.at && at >= oldest.at));
        // Nothing older stands between.
        expect(known.items.filter(({ at }) => at <= newest.at && at >= oldest.at)).toEqual(fresh);
      }
    }),
    { numRuns: 60 },
  );
});
