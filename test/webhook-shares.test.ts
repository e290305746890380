import { expect, test } from "vitest";
import { after } from "#clock.ts";
import { type Next, recordAttempt, takeNext } from "#webhooks/attempt-store.ts";
import { dispatch } from "#webhooks/dispatch.ts";
import { deploymentOf } from "./api.ts";
import { until } from "./stack.ts";
import { startReceiver } from "./webhook-receiver.ts";
import { setUpWebhooks } from "./webhook-workers.ts";

test("a tenant whose receivers never answer holds its share of the slots, and others are told meanwhile", async () => {
  await using silent = await startReceiver(() => undefined);
  await using receiver = await startReceiver();
  const it = await setUpWebhooks({ slots: 4, share: 2 });
  const { id: tenantId } = await it.newTenant("silent");
  for (let number = 0; number < 3; number += 1)
    await it.call("POST", "/v1/webhooks", { url: silent.url, tenant_id: tenantId });
  for (const hostname of ["a.example.com", "b.example.com"])
    await it.call("POST", "/v1/deployments", deploymentOf(tenantId, { hostname }));
  await until("the tenant's share", async () => silent.received.length === 2);
  await it.create(receiver.url);
  await it.deployed("well");
  await until("both messages", async () => receiver.received.length === 2);
  expect(silent.received).toHaveLength(2);
});

test("a webhook that does not answer is left alone by all its lanes, for as long again, and then tried by one", async () => {
  const it = await setUpWebhooks();
  await it.stop();
  const { id } = await it.create("http://127.0.0.1:9/", { events: ["deployment.pending"] });
  const lanes = [];
  for (const slug of ["one", "two", "three"])
    lanes.push({ webhookId: id as string, objectId: (await it.deployed(slug)).id as string });
  const [one, two, three] = lanes as [(typeof lanes)[0], (typeof lanes)[0], (typeof lanes)[0]];
  await dispatch(it.db, 5, async () => undefined);
  const begunAt = new Date();
  const at = (seconds: number) => after(begunAt, seconds * 1000);
  const take = (lane: typeof one, seconds: number) => takeNext(it.db, lane, at(seconds), at(seconds + 30));
  const record = (next: unknown, seconds: number, status: number | null) =>
    recordAttempt(it.db, {
      next: next as Next,
      outcome: { status, error: status === 200 ? null : "No answer" },
      verdict: { status: status === 200 ? "delivered" : "pending", nextAttemptAt: at(seconds + 5), disable: null },
      begunAt,
      now: at(seconds),
    });

  await record(await take(one, 0), 10, null);
  expect(await take(two, 19)).toEqual(at(20));
  const second = await take(two, 20);
  expect(second).toMatchObject({ delivery: { object_id: two.objectId } });
  expect(await take(three, 21)).toEqual(at(50));
  await record(second, 30, null);
  expect(await take(three, 59)).toEqual(at(60));
  const third = await take(three, 1000);
  await record(third, 1010, null);
  expect(await take(one, 1011)).toEqual(at(1010 + 300));
  const fourth = await take(one, 2000);
  await record(fourth, 2000, 200);
  expect(await take(two, 2000)).toMatchObject({ delivery: { object_id: two.objectId } });
  expect(await take(three, 2000)).toMatchObject({ delivery: { object_id: three.objectId } });
});
