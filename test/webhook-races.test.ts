import { expect, test } from "vitest";
import { until } from "./stack.ts";
import { startReceiver } from "./webhook-receiver.ts";
import { setUpWebhooks } from "./webhook-workers.ts";

/** What a human is called for, and every deadlock. */
const alarms = (lines: readonly string[]): string[] =>
  lines.filter((line) => JSON.parse(line).level >= 50 || line.includes("deadlock")).map((line) => JSON.parse(line).msg);

test("a webhook that is deleted during an attempt ends its lane without an alarm", async () => {
  const deleted = Promise.withResolvers<number>();
  await using receiver = await startReceiver(() => deleted.promise);
  const it = await setUpWebhooks();
  const { id } = await it.create(receiver.url);
  await it.deployed("acme");
  await until("the attempt", async () => receiver.received.length === 1);
  expect((await it.call("DELETE", `/v1/webhooks/${id}`)).status).toBe(204);
  deleted.resolve(500);
  const second = await it.create(receiver.url);
  await it.deployed("later");
  await until("what follows", async () => (await it.deliveries(second.id)).length === 2);
  await it.stop();
  expect(alarms(it.lines)).toEqual([]);
});

test("the first of many lanes that disables its webhook is the one that alerts, and none of them deadlocks", async () => {
  const gate = Promise.withResolvers<number>();
  await using receiver = await startReceiver(() => gate.promise);
  const it = await setUpWebhooks({ share: 12 });
  const { id } = await it.create(receiver.url, { events: ["deployment.*"] });
  const lanes = Array.from({ length: 12 }, (_, index) => `lane-${index}`);
  for (const slug of lanes) await it.deployed(slug);
  await until("every lane's attempt", async () => receiver.received.length === lanes.length);
  gate.resolve(410);
  await until("the end of all", async () =>
    (await it.deliveries(id)).every((one: { status: string }) => one.status === "failed"),
  );
  await it.stop();
  expect(alarms(it.lines)).toEqual([expect.stringContaining("answered 410 Gone")]);
  expect((await it.hook(id)).disabled_reason).toContain("410 Gone");
});

test("an admin who disables a webhook during an attempt is the one who did", async () => {
  const gate = Promise.withResolvers<number>();
  await using receiver = await startReceiver(() => gate.promise);
  const it = await setUpWebhooks();
  const { id } = await it.create(receiver.url);
  await it.deployed("acme");
  await until("the attempt", async () => receiver.received.length === 1);
  await it.call("PATCH", `/v1/webhooks/${id}`, { enabled: false });
  gate.resolve(410);
  await until("the end", async () =>
    (await it.deliveries(id)).every((one: { status: string }) => one.status === "failed"),
  );
  await it.stop();
  expect((await it.hook(id)).disabled_reason).toContain("disabled by");
  expect(alarms(it.lines)).toEqual([]);
});
