import fc from "fast-check";
import { expect, test } from "vitest";
import { type Api, deploymentOf, startApi } from "#test/api.ts";
import { type ApiSurface, readSurface } from "#test/api-surface.ts";

/** More of them: `ARCADIA_REQUESTS=200000 npx vitest run src/http/generated-requests`. */
const runs = Number(process.env["ARCADIA_REQUESTS"] ?? 20_000);

const nasty = fc.constantFrom(
  "",
  "\0",
  "\ud800",
  "'; drop table tenants; --",
  "%",
  "../../etc/passwd",
  "9".repeat(400),
  "1e309",
  "-0",
  "NaN",
  "null",
  "true",
  "😀".repeat(80),
  "0000-01-01T00:00:00Z",
  "9999-12-31T23:59:59.999999999Z",
  "ffffffff-ffff-ffff-ffff-ffffffffffff",
);
const word = fc.oneof(nasty, fc.string({ unit: "binary", maxLength: 30 }), fc.uuid());

/** Beside the fields that exist, whose values are often nearly right. */
const evilFields = ["__proto__", "constructor"];

const json: fc.Arbitrary<unknown> = fc.oneof(
  { maxDepth: 3 },
  word,
  fc.double(),
  fc.maxSafeInteger(),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.jsonValue({ maxDepth: 3 }), { maxLength: 4 }),
);
const body = (known: Record<string, unknown>, fields: readonly string[]) =>
  fc.oneof(
    fc.constant(JSON.stringify(known)),
    fc.constant(JSON.stringify({ reason: "by hand" })),
    fc.constant("{}"),
    fc.dictionary(fc.constantFrom(...fields), json, { maxKeys: 9 }).map((change) => JSON.stringify(change)),
    fc
      .dictionary(fc.constantFrom(...fields), json, { maxKeys: 2 })
      .map((change) => JSON.stringify({ ...known, ...change })),
    json.map((value) => JSON.stringify(value) ?? ""),
    fc.string({ unit: "binary" }),
  );

function requests(surface: ApiSurface, ids: readonly string[], known: Record<string, unknown>) {
  const id = fc.oneof(fc.constantFrom(...ids), word);
  const route = fc.constantFrom(...surface.routes).chain((name) => {
    const [method = "", path = ""] = name.split(" ");
    const url = id.map((value) => path.replaceAll(/\{[a-z_]+\}/g, encode(value)));
    const query = fc.array(fc.tuple(fc.oneof(fc.constantFrom(...surface.queryParameters), word), word), {
      maxLength: 3,
    });
    return fc.record({
      method: fc.oneof({ weight: 19, arbitrary: fc.constant(method) }, fc.constantFrom("PUT", "OPTIONS")),
      url: fc.tuple(url, query).map(([at, pairs]) => at + asQuery(pairs)),
    });
  });
  return fc.record({
    route,
    payload: fc.option(body(known, [...surface.bodyFields, ...evilFields])),
    type: fc.oneof(
      { weight: 9, arbitrary: fc.constant("application/json") },
      fc.constantFrom("application/json; charset=utf-16", "text/html", "x"),
    ),
    headers: fc.dictionary(
      fc.constantFrom("idempotency-key", "idempotency-key", "last-event-id", "accept", "authorization"),
      fc.string({ unit: fc.constantFrom("a", "b", "1", " ", "-", "=", ",", "é"), minLength: 1, maxLength: 20 }),
      { maxKeys: 2 },
    ),
  });
}

const encode = (text: string) => encodeURIComponent(text.toWellFormed()) || "x";
const asQuery = (pairs: [string, string][]) =>
  pairs.length === 0 ? "" : `?${pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join("&")}`;

/** Of what was done: that something was refused is written down as well. */
const rows = async ({ db }: Api) => {
  const { count } = await db
    .selectFrom("audit_log")
    .where("action", "<>", "request.refused")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return count;
};

test(`${runs} generated requests: no 5xx, no hang, every refusal is a problem and writes nothing`, async () => {
  await using api = await startApi({ requestsPerMinute: 10 ** 9, failuresPerMinute: 10 ** 9 });
  const tenant = await api.newTenant("acme");
  const deployment = (await api.call("POST", "/v1/deployments", deploymentOf(tenant.id, { provision: true }))).body;
  await api.db.updateTable("sagas").set({ status: "completed" }).execute();
  const known = deploymentOf(tenant.id, { hostname: "free.example.com" });
  const ids = [tenant.id, deployment.id, deployment.saga.id, api.admin.id];
  const statuses = new Map<number, number>();
  let written = await rows(api);
  const surface = readSurface((await api.app.inject({ url: "/openapi.json" })).json());
  expect(surface.routes.length).toBeGreaterThan(30);
  expect(surface.bodyFields).toContain("replace_dns");

  await fc.assert(
    fc.asyncProperty(requests(surface, ids, known), async ({ route, payload, type, headers }) => {
      // The one token that this test uses must survive it.
      if (route.method === "DELETE" && route.url.includes(api.admin.id)) return;
      const answer = await api.app.inject({
        method: route.method as "GET",
        url: route.url,
        ...(payload !== null && { payload }),
        headers: { authorization: `Bearer ${api.admin.secret}`, "content-type": type, ...headers },
      });
      const status = answer.statusCode;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      const ready = route.url.startsWith("/readyz") && status === 503;
      if (status >= 500 && !ready) throw new Error(`${status}: ${answer.body}`);
      if (status >= 400 && !ready) expect(answer.json()).toMatchObject({ status, code: expect.any(String) });
      const now = await rows(api);
      if (status >= 400 && now !== written) throw new Error(`${status}, and yet something was written`);
      written = now;
    }),
    { numRuns: runs, endOnFailure: true },
  );
  console.log("answers by status:", Object.fromEntries(statuses));
}, 600_000);
