import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { migrate } from "#db/migrate.ts";
import { migrationsDirectory } from "#db/migration-files.ts";
import { createTestDatabase } from "./database.ts";

/** The migrations before 0008, which gave the undo's error a place of its own. */
async function migrateBefore(url: string): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "arcadia-migrations-"));
  for (const file of (await readdir(migrationsDirectory)).filter((name) => name < "0008"))
    await cp(join(migrationsDirectory, file), join(directory, file));
  await migrate(url, directory);
  await rm(directory, { recursive: true });
}

const id = (digit: number) => `0199e000-0000-7000-8000-00000000000${digit}`;
const cause = { code: "invalid", message: "the zone refused", step: "point_deployment_dns" };
const obstacle = { code: "forbidden", message: "no entry", step: "create_droplet" };

test("a saga that is stuck when the release is upgraded gets the cause back that its undo's error had hidden", async () => {
  await using database = await createTestDatabase();
  const { pool, db } = database;
  await pool.query("drop schema public cascade; create schema public");
  await migrateBefore(database.url);
  for (const [digit, status, direction, error] of [
    [1, "stuck", "back", obstacle],
    [2, "compensating", "back", obstacle],
    [3, "stuck", "forward", obstacle],
    [4, "rolled_back", "back", cause],
  ] as const) {
    const saga = [id(digit), status, direction, JSON.stringify(error)];
    await pool.query(
      `insert into sagas (id, name, status, direction, error, input, created_at)
        values ($1, 'provision_deployment', $2, $3, $4, '{}', now())`,
      saga,
    );
    if (direction === "forward") continue;
    const steps = [id(digit), JSON.stringify(obstacle)];
    await pool.query(
      `insert into saga_steps (saga_id, position, name, status, error)
        values ($1, 0, 'create_droplet', 'compensation_failed', $2), ($1, 1, 'point_deployment_dns', 'compensated', null)`,
      steps,
    );
    const events = [id(digit), JSON.stringify({ status: "compensating", error: cause })];
    await pool.query(
      `insert into saga_events (saga_id, sequence, at, type, data) values
        ($1, 1, now(), 'saga', '{"status": "running"}'), ($1, 2, now(), 'saga', $2),
        ($1, 3, now(), 'saga', '{"status": "compensating", "waiting_for": "another try"}')`,
      events,
    );
  }
  expect((await migrate(database.url)).applied).toContain("0008_why_it_is_stuck");
  const sagas = await db.selectFrom("sagas").select(["error", "stuck_error"]).orderBy("id").execute();
  expect(sagas).toEqual([
    { error: cause, stuck_error: obstacle },
    { error: cause, stuck_error: null },
    { error: obstacle, stuck_error: obstacle },
    { error: cause, stuck_error: null },
  ]);
  const [step] = await db
    .selectFrom("saga_steps")
    .select(["error", "undo_error"])
    .orderBy("saga_id")
    .orderBy("position")
    .execute();
  expect(step).toEqual({ error: null, undo_error: obstacle });
});
