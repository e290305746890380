import { expect, onTestFinished, test } from "vitest";
import { deploymentOf } from "./api.ts";
import { runArcadia } from "./arcadia-process.ts";
import { startStack, until } from "./stack.ts";
import { deploy, ended } from "./stack-deployments.ts";
import { startReceiver } from "./webhook-receiver.ts";
import { setUpWebhooks } from "./webhook-workers.ts";

const isFailed = (one: { status: string }) => one.status === "failed";
test("every transition is told, in order, signed as receivers verify it", async () => {
  await using receiver = await startReceiver();
  const it = await setUpWebhooks();
  const { id, secret } = await it.create(receiver.url);
  const { id: deploymentId, tenant } = await it.deployed("acme");
  await until("two messages", async () => receiver.received.length === 2);
  expect(receiver.types()).toEqual(["deployment.pending", "deployment.terminated"]);
  for (const received of receiver.received) {
    expect(receiver.verify(secret, received)).toEqual(received.body);
    expect(received.body.data).toMatchObject({ id: deploymentId, tenant_id: tenant.id, hostname: "acme.example.com" });
    expect(() => receiver.verify(secret, { ...received, raw: `${received.raw} ` })).toThrow();
  }
  const [newer, older] = await it.deliveries(id);
  expect([newer.type, older.type]).toEqual(["deployment.terminated", "deployment.pending"]);
  expect(older).toMatchObject({
    status: "delivered",
    message_id: receiver.received[0]?.headers["webhook-id"],
    attempts: [{ status: 204, error: null, duration_ms: expect.any(Number) }],
  });
});

test("a failed delivery is tried again, the same message newly signed, and holds back what follows it", async () => {
  await using receiver = await startReceiver((call) => [500, 302, 200][call - 1] ?? 200);
  const it = await setUpWebhooks();
  const { id, secret } = await it.create(receiver.url);
  await it.deployed("acme");
  await until("four calls", async () => receiver.received.length === 4);
  const [pending, terminated] = ["deployment.pending", "deployment.terminated"];
  expect(receiver.types()).toEqual([pending, pending, pending, terminated]);
  expect(new Set(receiver.received.slice(0, 3).map((call) => call.headers["webhook-id"])).size).toBe(1);
  for (const call of receiver.received) receiver.verify(secret, call);
  await until("the log", async () =>
    (await it.deliveries(id)).every((one: { status: string }) => one.status === "delivered"),
  );
  const [, older] = await it.deliveries(id);
  expect(older.attempts.map((one: { status: number }) => one.status)).toEqual([500, 302, 200]);
  expect((await it.hook(id)).failing_since).toBeNull();
});

test("given up after the last try; redelivered on request, to a receiver that verifies", async () => {
  let well = false;
  await using receiver = await startReceiver(() => (well ? 200 : 503));
  const it = await setUpWebhooks({ pauses: [5] });
  const { id } = await it.create(receiver.url, { events: ["deployment.terminated"] });
  await it.deployed("acme");
  const failed = await until("the end of tries", async () => (await it.deliveries(id)).find(isFailed));
  expect(failed.attempts).toHaveLength(2);
  expect((await it.hook(id)).failing_since).not.toBeNull();
  well = true;
  const answer = await it.call("POST", `/v1/webhooks/${id}/deliveries/${failed.id}/redeliver`);
  expect(answer).toMatchObject({ status: 202, body: { status: "pending" } });
  await until("the delivery", async () => (await it.deliveries(id))[0].status === "delivered");
  expect((await it.deliveries(id))[0].attempts).toHaveLength(3);
  expect((await it.hook(id)).failing_since).toBeNull();
});

test.each([
  ["after long failure", { patienceMs: 0, pauses: [5, 5] }, 500, "nothing was delivered since"],
  ["at once by 410 Gone", {}, 410, "answered 410 Gone"],
])("disabled %s, with an alert; enabling tells what comes then", async (_, options, status, reason) => {
  let gone = true;
  await using receiver = await startReceiver(() => (gone ? status : 204));
  const it = await setUpWebhooks(options);
  const { id } = await it.create(receiver.url, { events: ["deployment.*"] });
  await it.deployed("acme");
  await until("the end", async () => !(await it.hook(id)).enabled);
  expect((await it.hook(id)).disabled_reason).toContain(reason);
  expect(it.lines.join()).toContain('"level":50');
  await until("no more to deliver", async () => (await it.deliveries(id)).every(isFailed));
  const calls = receiver.received.length;
  await it.deployed("unheard");
  const [{ id: delivery }] = await it.deliveries(id);
  expect(await it.call("POST", `/v1/webhooks/${id}/deliveries/${delivery}/redeliver`)).toMatchObject({
    status: 409,
    body: { code: "webhook_disabled" },
  });
  gone = false;
  await it.call("PATCH", `/v1/webhooks/${id}`, { enabled: true });
  await it.deployed("heard");
  await until("news", async () => receiver.received.length >= calls + 2);
  expect(receiver.received.slice(calls).map(({ body }) => body.data.hostname)).toEqual([
    "heard.example.com",
    "heard.example.com",
  ]);
});

test("what is written while no worker runs is delivered by the next", async () => {
  await using receiver = await startReceiver();
  const it = await setUpWebhooks();
  const { id } = await it.create(receiver.url);
  await it.stop();
  await it.deployed("acme");
  expect(await it.deliveries(id)).toEqual([]);
  await it.start();
  await until("both", async () => receiver.received.length === 2);
  expect(receiver.types()).toEqual(["deployment.pending", "deployment.terminated"]);
});

test("a worker that is stopped in the middle of a delivery hands it over at once", async () => {
  await using receiver = await startReceiver((call) => (call === 1 ? undefined : 204));
  const it = await setUpWebhooks();
  const { id } = await it.create(receiver.url, { events: ["deployment.terminated"] });
  await it.deployed("acme");
  await until("the first call", async () => receiver.received.length === 1);
  await it.stop();
  await it.start();
  await until("the second", async () => receiver.received.length === 2, 5000);
  const [first, second] = receiver.received.map((call) => call.headers["webhook-id"]);
  expect(second).toBe(first);
  await until("the log", async () => (await it.deliveries(id))[0].status === "delivered");
});

test("a tenant's webhook hears of that tenant only, and a webhook of the events that it names", async () => {
  await using receiver = await startReceiver();
  await using narrow = await startReceiver();
  const it = await setUpWebhooks();
  const mine = await it.newTenant("mine");
  const { secret: token } = await it.newToken("admin", mine.id);
  const made = await it.call("POST", "/v1/webhooks", { url: receiver.url }, { token });
  expect(made).toMatchObject({ status: 201, body: { tenant_id: mine.id } });
  await it.create(narrow.url, { events: ["deployment.terminated", "saga.stuck"] });
  await it.deployed("other");
  await it.call("POST", "/v1/deployments", deploymentOf(mine.id, { hostname: "mine.example.com" }));
  await until("both", async () => receiver.received.length > 0 && narrow.received.length > 0);
  expect(receiver.received.map(({ body }) => body.data.tenant_id)).toEqual([mine.id]);
  expect(narrow.types()).toEqual(["deployment.terminated"]);
});

test("a silent receiver is given 10 s; a target that turns internal after its creation is not called", async () => {
  await using receiver = await startReceiver(() => undefined);
  const it = await setUpWebhooks({ policy: { allowPrivate: false }, pauses: [] });
  const { id } = await it.create(receiver.url.replace("http:", "https:"));
  await it.deployed("acme");
  const failed = await until("a refusal", async () => (await it.deliveries(id)).find(isFailed));
  expect(failed.attempts[0]).toMatchObject({ status: null, error: expect.stringContaining("loopback") });
  expect(receiver.received).toEqual([]);
  await it.stop();
  const stop = await it.run({ policy: { allowPrivate: true } });
  onTestFinished(stop);
  const slow = await it.create(receiver.url, { events: ["deployment.pending"] });
  await it.deployed("slow");
  const [timedOut] = await until("a time-out", async () => {
    const found = await it.deliveries(slow.id);
    return found[0]?.status === "failed" && found;
  });
  expect(timedOut.attempts[0]).toMatchObject({ status: null, error: "No answer within 10 s" });
  expect(timedOut.attempts[0].duration_ms).toBeGreaterThanOrEqual(9900);
});

test("sagas are told from beginning to end, and so is a rollback; nothing is written without a webhook", async () => {
  await using stack = await startStack();
  const unheard = await deploy(stack);
  await ended(stack, unheard.sagaId);
  expect(await stack.db.selectFrom("webhook_messages").selectAll().execute()).toEqual([]);
  const now = new Date();
  const row = { id: crypto.randomUUID(), url: "http://127.0.0.1:9/", events: ["*"], secret: Buffer.from("sealed") };
  await stack.db
    .insertInto("webhooks")
    .values({ ...row, created_at: now, updated_at: now })
    .execute();
  const typesOf = async (...ids: string[]) => {
    const query = stack.db.selectFrom("webhook_messages").select("type").where("object_id", "in", ids);
    return (await query.orderBy("at").execute()).map((it) => it.type);
  };
  const well = await deploy(stack);
  await ended(stack, well.sagaId);
  expect(await typesOf(well.sagaId)).toEqual(["saga.pending", "saga.running", "saga.completed"]);
  expect(await typesOf(well.id)).toEqual(["deployment.provisioning", "deployment.active"]);

  const body = { id: "unprocessable_entity", message: "No." };
  await stack.arm({ method: "POST", path: "^/v2/domains/.*/records$", kind: "status", status: 422, body, times: 20 });
  const ill = await deploy(stack);
  await ended(stack, ill.sagaId);
  const back = ["saga.pending", "saga.running", "saga.compensating", "saga.rolled_back"];
  expect(await typesOf(ill.sagaId)).toEqual(back);
  expect(await typesOf(ill.id)).toEqual(["deployment.provisioning", "deployment.cancelled"]);
});

test("the CLI makes, lists, disables and deletes them; refusals name the field", async () => {
  await using receiver = await startReceiver();
  const it = await setUpWebhooks();
  const url = await it.app.listen({ host: "127.0.0.1", port: 0 });
  const env = { ARCADIA_API_URL: url, ARCADIA_API_TOKEN: it.admin.secret };
  const arcadia = (...args: string[]) => runArcadia(["webhooks", ...args], env);
  const made = await arcadia("create", receiver.url, "--event", "deployment.pending", "--event", "saga.*", "--json");
  const { id, secret } = JSON.parse(made.stdout);
  expect(secret).toMatch(/^whsec_/);
  await it.deployed("acme");
  await until("a message", async () => receiver.received.length === 1);
  await until("the log", async () => (await it.deliveries(id))[0].status === "delivered");
  const { stdout: log } = await arcadia("deliveries", id);
  expect(log).toMatch(/^EVENT .*\ndeployment\.pending +delivered +1 +204 in \d+ ms/);
  const [delivery] = await it.deliveries(id);
  expect(await arcadia("redeliver", id, "ffffffff-ffff")).toMatchObject({
    status: 4,
    stderr: expect.stringContaining(`has no delivery ffffffff-ffff; see arcadia webhooks deliveries ${id}`),
  });
  expect(await arcadia("redeliver", id.slice(0, 13), delivery.id.slice(0, 8))).toMatchObject({ status: 0 });
  await until("the second", async () => receiver.received.length === 2);
  expect((await arcadia("disable", id)).status).toBe(0);
  expect((await arcadia()).stdout).toMatch(/\n\S+\/hook +deployment\.pending,saga\.\* +disabled +all +disabled by/);
  expect((await arcadia("enable", id)).status).toBe(0);
  expect((await arcadia("delete", id, "--yes")).status).toBe(0);
  expect(await arcadia("create", "https://user:pw@example.com/", "--event", "nonsense")).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/events\.0: must be one of/),
  });
  expect((await it.call("GET", "/v1/audit?object_type=webhook")).text).not.toContain("/hook");
});
