import { readFileSync } from "node:fs";
import pg from "pg";
import { systemClock } from "#clock.ts";
import { openDatabase } from "#db/connection.ts";
import { createServer } from "#http/server.ts";
import { systemIds } from "#ids.ts";
import { openLog } from "#log.ts";
import { createMetrics } from "#metrics/metrics.ts";
import { createSagas } from "#sagas/create-sagas.ts";
import { secretBox } from "#secrets/secret-box.ts";
import { createToken } from "#operations/create-token.ts";
import { everyRead } from "./every-read.ts";
import { scaled, idOf } from "./full-database.ts";
import { hearStatements, readingsOf } from "./statements-sent.ts";
const server = JSON.parse(readFileSync("/tmp/growth/server.json", "utf8"));
const url = Object.assign(new URL(server.adminUrl), { pathname: "/" + process.argv[2] }).href;
const how = scaled(Number(process.argv[3]));
const log = openLog("error");
const clock = systemClock,
  ids = systemIds(clock);
const database = openDatabase(url, { log });
const db = database.db;
const app = await createServer({
  db,
  clock,
  ids,
  sagas: createSagas({ clock, ids, wakeUps: { wake: async () => undefined }, zone: "example.com" }),
  log,
  secrets: secretBox(Buffer.alloc(32, 1)),
  feed: { subscribe: () => () => undefined },
  zone: "example.com",
  host: "127.0.0.1",
  requestLimits: { minute: 250, hour: 5000 },
  requestSync: async () => undefined,
  queueReady: async () => true,
  hears: () => true,
  metrics: createMetrics({
    db,
    clock,
    release: "x",
    requestLimits: { minute: 250, hour: 5000 },
    sagaNames: [],
    openStreams: () => 0,
  }),
});
const token = async (tenant_id: string | null) =>
  (
    await db
      .transaction()
      .execute((tx) =>
        createToken(tx, { name: "t", role: "admin", tenant_id, expires_at: null }, { ids, now: new Date() }),
      )
  ).secret;
const [admin, own] = [await token(null), await token(idOf("tenant", 1))];
const get = async (path: string, t: string) =>
  app.inject({ method: "GET", url: path, headers: { authorization: `Bearer ${t}` } });
const doc = (await get("/openapi.json", admin)).json();
const client = new pg.Client({ connectionString: url });
await client.connect();
const growing = new Set(
  (
    await client.query(
      "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind='r' and reltuples >= 1000",
    )
  ).rows.map((r) => r.relname),
);
for (const { path, forAll } of everyRead(doc, how))
  for (const [who, t] of [
    ["all", admin],
    ["own", own],
  ] as const) {
    if (who === "own" && (forAll || /\/v1\/(?:tenants|deployments|sagas|webhooks)\/|tenant_id/.test(path))) continue;
    let next: string | null = null;
    for (let page = 0; page < 2; page += 1) {
      const heard = hearStatements();
      const p: string = next ? `${path}${path.includes("?") ? "&" : "?"}cursor=${next}` : path;
      const begun = performance.now();
      const answer = await get(p, t);
      const ms = performance.now() - begun;
      const statements = heard.statements;
      heard[Symbol.dispose]();
      if (answer.statusCode !== 200) console.log(who, p, answer.statusCode, answer.body.slice(0, 200));
      if (ms > 20) console.log(who, p, ms.toFixed(0), "ms");
      for (const s of statements)
        for (const r of await readingsOf(client, s))
          if (growing.has(r.table) && (r.how === "Seq Scan" || r.rows > 5300))
            console.log(who, p, r, s.text.slice(0, 1500), JSON.stringify(s.values).slice(0, 300));
      next = answer.headers["content-type"]?.toString().includes("json") ? answer.json().next_cursor : null;
      if (!next) break;
    }
  }
await client.end();
await app.close();
await database.close();
