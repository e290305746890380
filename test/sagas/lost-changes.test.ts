import { expect, test, vi } from "vitest";
import { pause, startStack, zone } from "#test/stack.ts";
import {
  addressRecords,
  cancelSaga,
  deploy,
  ended,
  holdAt,
  operate,
  replaceable,
  stepIs,
} from "#test/stack-deployments.ts";

vi.setConfig({ testTimeout: 170_000 });

const timing = { poll: 0.3, settle: 1, gone: 2 };
const soon = { bake_seconds: 600, release: "v2" };

/** Another server, which lacks the last commits: of changes of this aspect, and all of the saga from this step on. */
const loseFrom = (saga: string, step: string, aspect: string): string => `
  update database_lives set timeline = timeline + 1000;
  delete from provider_changes where aspect = '${aspect}' and saga_id = '${saga}';
  update provider_resources set exposed_until = null;
  with here as (select position from saga_steps where name = '${step}' and saga_id = '${saga}'), lost as (
    update saga_steps set status = 'pending', output = null, started_at = null, deadline_at = null, finished_at = null,
      attempts = 0 where saga_id = '${saga}' and position >= (select position from here)
  )
  update sagas set position = (select position from here), status = 'waiting', step_started_at = null, due_at = now()
    where id = '${saga}'`;

test("a record is led back where the change that led it elsewhere is lost", async () => {
  await using stack = await startStack({ workers: 0, timing });
  const worker = await stack.addWorker();
  const { deployment, old } = await replaceable(stack);
  const saga = await operate(stack, deployment, "replace", { ...soon, discard_disk: true });
  await stepIs(stack, saga, "bake", "waiting");
  await worker.stop();
  await stack.pool.query(loseFrom(saga, "point_deployment_dns", "value"));
  await stack.addWorker();
  await stack.takeOver(saga);
  const led = await stepIs(stack, saga, "point_deployment_dns", "completed");
  // Somebody may be led to the old droplet for as long as its TTL was.
  const { dns_written_at: at, dns_believed_until: until_ } = led.output as Record<string, string>;
  expect(Date.parse(until_ ?? "") - Date.parse(at ?? "")).toBe(30_000);
  await stepIs(stack, saga, "bake", "waiting");
  await cancelSaga(stack, saga);
  expect((await ended(stack, saga, 120_000)).status).toBe("rolled_back");
  expect(addressRecords(stack)).toMatchObject([{ data: old.public_ipv4 }]);
  expect(stack.truth().droplets).toMatchObject([{ id: old.id }]);
});

test("a record that was taken over is its owner's again where all that was known of it is lost", async () => {
  await using stack = await startStack({ workers: 0, timing });
  const before = { type: "A", name: "shop", data: "203.0.113.9", ttl: 300 };
  await stack.provider("POST", `/v2/domains/${zone}/records`, before);
  await pause(500);
  const release = await holdAt(stack, "activate_deployment");
  const worker = await stack.addWorker();
  const { sagaId } = await deploy(stack, { hostname: `shop.${zone}`, replaceDns: true });
  await stepIs(stack, sagaId, "activate_deployment", "running");
  await worker.stop();
  await stack.pool.query(`
    ${loseFrom(sagaId, "point_deployment_dns", "value")};
    delete from provider_resources where kind = 'dns_record'`);
  await stack.addWorker();
  await stack.takeOver(sagaId);
  await stepIs(stack, sagaId, "activate_deployment", "running");
  await cancelSaga(stack, sagaId);
  await release();
  await stack.takeOver(sagaId);
  expect((await ended(stack, sagaId, 120_000)).status).toBe("rolled_back");
  expect(addressRecords(stack)).toMatchObject([before]);
});

test("an old droplet is on again where the change that turned it off is lost", async () => {
  await using stack = await startStack({ workers: 0, timing });
  const worker = await stack.addWorker();
  const { deployment, old } = await replaceable(stack, { volumeGib: 10 });
  const release = await holdAt(stack, "snapshot_volume");
  const saga = await operate(stack, deployment, "replace", { ...soon, discard_disk: false });
  await stepIs(stack, saga, "snapshot_volume", "running");
  await worker.stop();
  await release();
  await stack.pool.query(loseFrom(saga, "bring_old_power_off", "power"));
  await stack.addWorker();
  await stack.takeOver(saga);
  await stepIs(stack, saga, "bake", "waiting");
  await cancelSaga(stack, saga);
  expect((await ended(stack, saga, 150_000)).status).toBe("rolled_back");
  expect(stack.truth().droplets).toMatchObject([{ id: old.id, status: "active" }]);
});
