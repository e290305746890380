import { expect, test } from "vitest";
import { createTestDatabase } from "#test/database.ts";

test("int8 and numeric arrive as numbers, timestamps as dates, jsonb as data", async () => {
  await using database = await createTestDatabase();
  const { rows } = await database.pool.query(
    `select 9007199254740991::int8 as big, 1.25::numeric as amount, '2026-11-22T02:00:00Z'::timestamptz as at, '[1]'::jsonb as list`,
  );
  expect(rows).toEqual([{ big: 9007199254740991, amount: 1.25, at: new Date("2026-11-22T02:00:00Z"), list: [1] }]);
});
