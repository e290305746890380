import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readConfig } from "#config.ts";
import { purgeNow } from "#main/purge.ts";
import { type Fullness, fill, idOf } from "./full-database.ts";
import { type Stack, startStack } from "./stack.ts";

const fullness: Fullness = { deployments: 2000, audits: 2000, droplets: 1000 };

async function startFull(settings: Record<string, string>) {
  const stack = await startStack({ workers: 0 });
  const url = String(stack.pool.options.connectionString);
  await fill(url, fullness);
  const directory = await mkdtemp(join(tmpdir(), "arcadia-purge-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const config = readConfig({ DATABASE_URL: url, ...settings });
  const file = join(directory, "gone.ndjson");
  return { stack, config, file, counts: () => countAll(stack) };
}

async function countAll({ pool }: Stack): Promise<Record<string, number>> {
  const { rows } = await pool.query<{ name: string; count: number }>(
    `select relname as name, (xpath('/row/c/text()', query_to_xml(format('select count(*) as c from %I', relname), false, true, '')))[1]::text::int as count
      from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`,
  );
  return Object.fromEntries(rows.map(({ name, count }) => [name, count]));
}

const linesOf = async (file: string) =>
  (await readFile(file, "utf8"))
    .trimEnd()
    .split("\n")
    .map((line): { table: string; row: { id: string } } => JSON.parse(line));

test("a dry run counts what goes, and what goes is in the export: as many rows of each table as are gone", async () => {
  const settings = {
    ARCADIA_KEEP_SAGAS_DAYS: "365",
    ARCADIA_KEEP_DELIVERIES_DAYS: "30",
    ARCADIA_KEEP_AUDIT_DAYS: "400",
  };
  const { stack, config, file, counts } = await startFull(settings);
  await using _ = stack;
  const before = await counts();
  const would = await purgeNow({ config, dryRun: true });
  expect(await counts()).toEqual(before);
  const gone = await purgeNow({ config, dryRun: false, exportTo: file });
  expect(gone.map(({ kind, rows }) => ({ kind, rows }))).toEqual(would.map(({ kind, rows }) => ({ kind, rows })));
  const rows: Record<string, number> = Object.assign({}, ...gone.map((it) => it.rows));
  for (const table of ["sagas", "saga_steps", "saga_log", "provider_resources", "webhook_messages", "audit_log"])
    expect(rows[table], table).toBeGreaterThan(100);
  const now = await counts();
  for (const [table, count] of Object.entries(rows)) expect(now[table], table).toBe((before[table] ?? 0) - count);
  const exported = Map.groupBy(await linesOf(file), ({ table }) => table);
  for (const [table, count] of Object.entries(rows)) expect(exported.get(table)?.length ?? 0, table).toBe(count);
  // Asked again, nothing is left to go, and a file is never written over.
  const rest = await purgeNow({ config, dryRun: true });
  expect(rest.flatMap((it) => Object.values(it.rows)).reduce((sum, count) => sum + count, 0)).toBe(0);
  await expect(purgeNow({ config, dryRun: false, exportTo: file })).rejects.toThrow(/EEXIST/);
  // Nobody can change what is left of the audit log.
  await expect(stack.pool.query("delete from audit_log")).rejects.toThrow(/append-only/);
});

test("what anything that lives refers to stays, with all its rows", async () => {
  const { stack, config } = await startFull({ ARCADIA_KEEP_SAGAS_DAYS: "1" });
  await using _ = stack;
  const { pool } = stack;
  const old = 2 * 3 - 1;
  await pool.query("update provider_resources set recheck_at = now() where begun_by = $1", [idOf("saga", old)]);
  await pool.query(`insert into strays values (7, 'stray', $1, 'alert', 'late', null, now(), now(), null)`, [
    idOf("saga", old + 2),
  ]);
  // What the older saga made, a younger one removed just now.
  await pool.query("update provider_resources set saga_id = $2 where begun_by = $1", [
    idOf("saga", 2 * 9 - 1),
    idOf("saga", 2 * fullness.deployments),
  ]);
  await purgeNow({ config, dryRun: false });
  const { rows: kept } = await pool.query<{ id: string }>(
    "select id from sagas where finished_at < now() - interval '1 day'",
  );
  const ids = new Set(kept.map(({ id }) => id));
  expect(ids.has(idOf("saga", old))).toBe(true);
  expect(ids.has(idOf("saga", old + 2))).toBe(true);
  // Of an active deployment the saga that made it; of one that is cancelled, and may be provisioned again, the last.
  expect(ids.has(idOf("saga", 2 * 5 - 1))).toBe(true);
  expect(ids.has(idOf("saga", 2 * 51 - 1))).toBe(true);
  expect(ids.has(idOf("saga", 2 * 7 - 1))).toBe(false);
  expect(ids.has(idOf("saga", 2 * 9 - 1))).toBe(true);
  const { rows } = await pool.query(
    `select saga_id from saga_steps group by saga_id having count(*) <> 6
      union all select id from sagas where not exists (select from saga_steps where saga_id = sagas.id)
      union all select id from deployments where saga_id is null and status <> 'terminated'`,
  );
  expect(rows).toEqual([]);
  // What is counted is what there is.
  const { rows: wrong } = await pool.query(
    `select status, sum(count) from (
        select status, count from status_counts where kind = 'saga' and tenant_id = '00000000-0000-0000-0000-000000000000'
        union all select status, change from status_changes where kind = 'saga'
        union all select status, -1 from sagas where finished_at is not null) them
      group by status having sum(count) <> 0`,
  );
  expect(wrong).toEqual([]);
});

test("whatever refers to sagas, and to the ledger, is known to the purge", async () => {
  await using stack = await startStack({ workers: 0 });
  const { rows } = await stack.pool.query<{ name: string }>(
    `select conrelid::regclass || '.' || attname as name from pg_constraint
      join pg_attribute on attrelid = conrelid and attnum = conkey[1]
      where contype = 'f' and confrelid in ('sagas'::regclass, 'provider_resources'::regclass) order by 1`,
  );
  const known = [
    "deployments.saga_id",
    "droplet_absences.saga_id",
    "provider_changes.resource_id",
    "provider_changes.saga_id",
    "provider_resources.begun_by",
    "provider_resources.saga_id",
    "saga_log.saga_id",
    "saga_steps.saga_id",
    "snapshots.id",
  ];
  expect(rows.length).toBeGreaterThan(3);
  // One that is new here: say in src/retention/what-goes.ts whether it goes with its saga, or keeps it.
  expect(rows.map(({ name }) => name).filter((name) => !known.includes(name))).toEqual([]);
});
