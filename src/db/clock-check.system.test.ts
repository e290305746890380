import { expect, test } from "vitest";
import { after, systemClock } from "#clock.ts";
import { createTestDatabase } from "#test/database.ts";
import { checkClock } from "./clock-check.ts";

test("a clock that is minutes off is refused, whichever way", async () => {
  await using database = await createTestDatabase();
  const off = (ms: number) => ({ ...systemClock, now: () => after(systemClock.now(), ms) });
  await expect(checkClock(database.db, systemClock)).resolves.toBeUndefined();
  await expect(checkClock(database.db, off(120_000))).rejects.toThrow(/120\.\d s ahead of/);
  await expect(checkClock(database.db, off(-120_000))).rejects.toThrow(/1(19|20)\.\d s behind/);
});
