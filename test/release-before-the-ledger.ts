import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { migrate } from "#db/migrate.ts";
import { migrationsDirectory } from "#db/migration-files.ts";
import { isWay } from "#resources/phases.ts";
import { createTestDatabase } from "./database.ts";

/** The migrations of the release before the ledger. */
async function migrateBefore(url: string): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "arcadia-migrations-"));
  for (const file of (await readdir(migrationsDirectory)).filter((name) => name < "0022"))
    await cp(join(migrationsDirectory, file), join(directory, file));
  await migrate(url, directory);
  await rm(directory, { recursive: true });
}

export const at = (second: number) => new Date(Date.UTC(2026, 10, 25, 12, 0, second));
export const iso = (second: number) => at(second).toISOString();
export const uuid = (number: number) => `0199e000-0000-7000-8000-${String(number).padStart(12, "0")}`;
export const tag = (saga: number) => `arcadia-saga-${uuid(saga)}`;

type Sending = [phase: "sending" | "refused" | "unclear", answered?: number, emptyLooks?: number, lastLook?: number];

/** As that release wrote what became of a create. */
const sending = ([phase, answered, emptyLooks = 0, lastLook]: Sending) => ({
  not_after: iso(15),
  phase,
  answered_at: answered === undefined ? null : iso(answered),
  empty_looks: emptyLooks,
  last_look_at: lastLook === undefined ? null : iso(lastLook),
});

export const dropletIntent = (saga: number, sent: Sending, ids: number[] = [], removal: object | null = null) => ({
  handle: { tag: tag(saga), name: `d-${saga}` },
  sending: sending(sent),
  droplet_ids: ids,
  removal,
});
export const accepted = (id: number) => ({ droplet_id: id, droplet_accepted_at: iso(3) });

interface OldRecord {
  id: number;
  data: string;
  ttl: number | null;
}
export const recordIntent = (host: string, sent: Sending, before: OldRecord[] = [], more: object = {}) => ({
  zone: "example.com",
  name: host,
  hostname: `${host}.example.com`,
  ip: "192.0.2.7",
  before: before.map((it) => ({ ...it, type: "A", name: host })),
  sending: sending(sent),
  bringing_back_until: null,
  missing_looks: 0,
  missed: null,
  ...more,
});

interface OldStep {
  name: string;
  status: string;
  intent?: object;
  output?: object;
}
export interface OldSaga {
  number: number;
  name: string;
  status: string;
  back?: boolean;
  deployment?: number;
  droplet?: number;
  input?: object;
  steps: OldStep[];
}

/** A database of that release, and what brings it to this one. */
export async function oldRelease() {
  const database = await createTestDatabase();
  const { pool } = database;
  await pool.query("drop schema public cascade; create schema public");
  await migrateBefore(database.url);
  await pool.query("insert into installation (id, created_at) values ($1, now())", [uuid(900)]);
  await pool.query("insert into tenants (id, slug, name, created_at, updated_at) values ($1, 'a', 'A', now(), now())", [
    uuid(800),
  ]);
  const deployment = (number: number, status: string) =>
    pool.query(
      `insert into deployments (id, tenant_id, name, hostname, region, size_slug, image, status, created_at, updated_at)
        values ($1, $2, 'd', $3, 'r', 's', 'i', $4, now(), now())`,
      [uuid(number), uuid(800), `h${number}.example.com`, status],
    );
  const saga = async (it: OldSaga) => {
    const of = it.deployment === undefined ? [null, null] : [uuid(it.deployment), uuid(800)];
    await pool.query(
      `insert into sagas (id, name, status, direction, input, deployment_id, tenant_id, provider_id, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [uuid(it.number), it.name, it.status, it.back ? "back" : "forward", it.input ?? {}, ...of, it.droplet, at(0)],
    );
    for (const [position, step] of it.steps.entries())
      await pool.query(
        "insert into saga_steps (saga_id, position, name, status, intent, output) values ($1, $2, $3, $4, $5, $6)",
        [uuid(it.number), position, step.name, step.status, step.intent, step.output],
      );
  };
  const resource = (droplet: number, registrar: number, destroyed = false) =>
    pool.query(
      `insert into cloud_resources (id, provider_id, name, status, region, size_slug, managed, registered_by, destroyed_by,
        first_seen_at, last_seen_at) values (gen_random_uuid(), $1, $2, 'active', 'r', 's', true, $3, $4, now(), now())`,
      [droplet, `d-${registrar}`, uuid(registrar), destroyed ? uuid(registrar) : null],
    );
  const record = (id: number, it: { deployment: number; saga: number; name: string; released?: boolean }) =>
    pool.query(
      `insert into dns_records (zone, record_id, name, data, deployment_id, saga_id, created_at, released_at)
        values ('example.com', $1, $2, '192.0.2.7', $3, $4, $5, $6)`,
      [id, it.name, uuid(it.deployment), uuid(it.saga), at(20), it.released ? at(30) : null],
    );
  /** Upgrades. @returns the ledger's rows of these sagas, as little of them as says all */
  const upgrade = async () => {
    await migrate(database.url);
    const { rows } = await pool.query(`
      select right(saga_id::text, 4)::int as saga, step, kind, provider_id as id, origin, phase, surplus, deletes,
        looks_without as looks, not_after, answered_at, deleted_at, last_look_at, deployment_id, tenant_id, handle, history,
        right(begun_by::text, 4)::int as begun_by
      from provider_resources order by saga_id, kind desc, surplus, provider_id`);
    for (const { history, phase } of rows) {
      const phases = history.map((entry: { phase: string }) => entry.phase);
      expect([isWay(phases), phases.at(-1)]).toEqual([true, phase]);
    }
    return (number: number) => rows.filter((row) => row.saga === number);
  };
  const close = () => database[Symbol.asyncDispose]();
  return { pool, deployment, saga, resource, record, upgrade, [Symbol.asyncDispose]: close };
}

export const creating = (number: number, status: string, intent: object, output?: object, back = false): OldSaga => ({
  number,
  name: "provision_droplet",
  status: back ? "compensating" : "waiting",
  back,
  steps: [{ name: "create_droplet", status, intent, ...(output && { output }) }],
});

export const provisioned = (number: number, deployment: number, droplet: number, host: string): OldSaga => ({
  number,
  name: "provision_deployment",
  status: "completed",
  deployment,
  steps: [
    {
      name: "create_droplet",
      status: "completed",
      intent: dropletIntent(number, ["sending"]),
      output: accepted(droplet),
    },
    {
      name: "point_deployment_dns",
      status: "completed",
      intent: recordIntent(host, ["sending"]),
      output: { dns_record_id: droplet + 1000, dns_written_at: iso(20) },
    },
  ],
});
