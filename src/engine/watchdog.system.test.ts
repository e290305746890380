import { expect, test } from "vitest";
import { after } from "#clock.ts";
import { smallEngine, smallStep } from "#test/small-engine.ts";
import { claim } from "./claim.ts";
import { watch } from "./watchdog.ts";

const nothing = [smallStep("only", async () => ({}))];

test("a saga that is overdue and has no wake-up gets one; others are left alone", async () => {
  await using small = await smallEngine(nothing);
  const long = after(small.clock.now(), -120_000);
  const [forgotten, woken, young, held] = [
    await small.begin(),
    await small.begin(),
    await small.begin(),
    await small.begin(),
  ];
  const forget = (id: string) => small.pool.query("delete from pgboss.job where data ->> 'saga_id' = $1", [id]);
  for (const id of [forgotten, woken])
    await small.db.updateTable("sagas").set({ wake_at: long }).where("id", "=", id).execute();
  await forget(forgotten);
  await forget(young);
  const job = (await small.jobs(held))[0]?.id ?? "";
  await small.pool.query("update pgboss.job set state = 'active' where id = $1", [job]);
  await claim(small.engine, held, job);
  await forget(held);

  expect(await watch(small.engine, small.queue)).toBe(1);
  expect(await small.jobs(forgotten)).toMatchObject([{ state: "created" }]);
  expect(await small.jobs(young)).toEqual([]);
  expect(await small.jobs(held)).toEqual([]);
  expect(await watch(small.engine, small.queue)).toBe(0);

  // A worker died with it, and its job is gone as well.
  await small.db.updateTable("sagas").set({ lease_expires_at: long }).where("id", "=", held).execute();
  expect(await watch(small.engine, small.queue)).toBe(1);
  expect(await small.jobs(held)).toMatchObject([{ state: "created" }]);
});
