import pg from "pg";
import { expect, inject, test } from "vitest";
import { openLog } from "#log.ts";
import { migrateDatabase } from "#main/migrate-database.ts";
import { work } from "#main/worker.ts";
import { provision, type Served, serveOn } from "./served.ts";
import { pause, until } from "./stack.ts";
import { administer, dropDatabase } from "./test-server.ts";

const server = inject("testServer");

/** A database of its own whose role may have so many connections, and no more. */
async function withRoom(connections: number, use: (url: string, admin: pg.Client) => Promise<void>): Promise<void> {
  const name = `small_${process.pid}_${connections}`;
  await administer(server, `create role ${name} login password 'x'`);
  await administer(server, `create database ${name} owner ${name}`);
  const url = Object.assign(new URL(server.adminUrl), { pathname: `/${name}`, username: name, password: "x" }).href;
  const admin = new pg.Client({
    connectionString: Object.assign(new URL(server.adminUrl), { pathname: `/${name}` }).href,
  });
  await admin.connect();
  try {
    await migrateDatabase(url);
    await admin.query(`alter role ${name} connection limit ${connections}`);
    await use(url, admin);
  } finally {
    await admin.end();
    await dropDatabase(server, name);
    await administer(server, `drop role ${name}`);
  }
}

/** How many deployments that nobody has begun, made at once. @returns their ids */
async function pending(admin: pg.Client, tenantId: string, count: number): Promise<string[]> {
  const { rows } = await admin.query<{ id: string }>(
    `insert into deployments (id, tenant_id, name, hostname, region, size_slug, image, status, created_at, updated_at)
      select gen_random_uuid(), $1, 'app-' || n, 'app-' || n || '.example.com', 'nyc3', 's-1vcpu-1gb',
        'ubuntu-24-04-x64', 'pending', now(), now() from generate_series(1, $2::int) n returning id`,
    [tenantId, count],
  );
  return rows.map(({ id }) => id);
}

const complaints = ({ logged }: Served) =>
  logged.filter((line) => /too many|cannot be reached|"level":[56]0/.test(line));

test("22 connections serve one server and two workers, and a thousand deletions at once", () =>
  withRoom(22, async (url, admin) => {
    await using served = await serveOn(url);
    const log = openLog("error");
    const workers = [await work(served.config, log), await work(served.config, log)];
    let most = 0;
    let isOver = false;
    const watch = async () => {
      while (!isOver) {
        const { rows } = await admin.query(
          "select count(*)::int from pg_stat_activity where datname = current_database() and usename = $1",
          [admin.database],
        );
        most = Math.max(most, rows[0].count);
        await pause(50);
      }
    };
    const watching = watch();
    try {
      const slugs = Array.from({ length: 12 }, (_, index) => `tenant-${index}`);
      const made = await Promise.all(slugs.map((slug) => provision(served, slug)));
      const ids = await pending(admin, made[0]!.tenant.id, 1000);
      const begun = Date.now();
      let left = ids;
      for (const busy: number[] = []; left.length > 0;) {
        const answers = await Promise.all(
          left.map(async (id) => ({ id, ...(await served.ask("DELETE", `/v1/deployments/${id}`)) })),
        );
        const refused = answers.filter(({ status }) => status !== 202);
        for (const { status, body, headers } of refused)
          expect([status, body.code, headers.get("retry-after")]).toEqual([503, "busy", "2"]);
        busy.push(refused.length);
        // Each time some get through; who was refused asks again when he was told to.
        expect(refused.length).toBeLessThan(left.length);
        left = refused.map(({ id }) => id);
        if (left.length > 0) await pause(2000);
        else
          console.log(
            `1,000 deletions took ${Date.now() - begun} ms; busy: ${busy.join(", ")}; at most ${most} connections`,
          );
      }
      const { rows } = await admin.query("select count(*)::int from audit_log where action = 'deployment.delete'");
      expect(rows).toEqual([{ count: 1000 }]);
      expect(most).toBeLessThanOrEqual(22);
      expect(complaints(served)).toEqual([]);
    } finally {
      isOver = true;
      await watching;
      for (const worker of workers) await worker.stop();
    }
  }));

test("with fewer connections than it may open, the start says so, and all is done, each waiting for its turn", () =>
  withRoom(4, async (url) => {
    await using served = await serveOn(url);
    expect(served.logged.join("")).toContain("may open 11 connections to the database, which has room for 4");
    await Promise.all(["one", "two", "three"].map((slug) => provision(served, slug)));
  }));

test("one connection each is enough: nothing needs a second one while it holds the first", () =>
  withRoom(10, async (url) => {
    await using served = await serveOn(url, { ARCADIA_API_CONNECTIONS: "1", ARCADIA_WORKER_CONNECTIONS: "1" });
    await Promise.all(["one", "two", "three"].map((slug) => provision(served, slug)));
  }));

test("when no connection is free in time, the server says that it is busy, and goes on", () =>
  withRoom(10, async (url, admin) => {
    await using served = await serveOn(url, { ARCADIA_API_CONNECTIONS: "1" });
    await admin.query("begin; lock table tenants");
    const stuck = served.ask("POST", "/v1/tenants", { slug: "acme", name: "Acme" });
    await until("the request to wait for the lock", async () => {
      const { rowCount } = await admin.query(
        "select from pg_locks where relation = 'tenants'::regclass and not granted",
      );
      return rowCount === 1;
    });
    const { status, body, headers } = await served.ask("GET", "/v1/deployments");
    expect([status, body.code, headers.get("retry-after")]).toEqual([503, "busy", "2"]);
    expect(body.detail).toContain("no database connection was free in time");
    await admin.query("rollback");
    expect((await stuck).status).toBe(201);
    expect((await served.ask("GET", "/v1/deployments")).status).toBe(200);
  }));
