import { expect, test } from "vitest";
import { after, systemClock } from "#clock.ts";
import { createTestDatabase } from "#test/database.ts";
import { takeTurn } from "./turns.ts";

test("a turn that was taken by a clock a day ahead holds up nobody", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  const now = systemClock.now();
  const [first, second] = ["01999999-9999-7999-8999-999999999991", "01999999-9999-7999-8999-999999999992"];
  expect(await takeTurn(db, "fleet", first, after(now, 24 * 3_600_000), 5000)).toBe(true);
  expect(await takeTurn(db, "fleet", second, now, 5000)).toBe(true);
  // One that is as late as it can be holds.
  expect(await takeTurn(db, "fleet", first, after(now, 1000), 5000)).toBe(false);
  expect(await takeTurn(db, "fleet", first, after(now, 5001), 5000)).toBe(true);
});
