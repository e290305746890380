import { expect, test } from "vitest";
import {
  at,
  iso,
  uuid,
  tag,
  dropletIntent,
  accepted,
  recordIntent,
  creating,
  provisioned,
  oldRelease,
  type OldSaga,
} from "./release-before-the-ledger.ts";

test("what creates of droplets have written down stands in the ledger after the upgrade", async () => {
  await using old = await oldRelease();
  await old.saga(creating(1, "running", dropletIntent(1, ["sending"])));
  await old.saga(creating(2, "waiting", dropletIntent(2, ["unclear", 5, 1, 50])));
  await old.saga(creating(3, "waiting", dropletIntent(3, ["refused", 5])));
  await old.saga(creating(4, "waiting", dropletIntent(4, ["unclear", 5], [41, 42])));
  const deleting = { deletes: 2, deleted_at: iso(40), empty_looks: 0 };
  await old.saga(creating(5, "compensating", dropletIntent(5, ["unclear", 5], [51, 52], deleting), undefined, true));
  await old.saga(creating(6, "completed", dropletIntent(6, ["sending"]), accepted(61)));
  await old.saga(creating(7, "compensating", dropletIntent(7, ["sending"], [], deleting), accepted(71), true));
  await old.saga({ ...creating(8, "compensated", dropletIntent(8, ["unclear", 5, 2])), status: "rolled_back" });
  await old.saga({ ...creating(9, "compensated", dropletIntent(9, ["sending"]), accepted(91)), status: "rolled_back" });
  await old.saga({ number: 10, name: "provision_droplet", status: "waiting", steps: [] });
  const rows = await old.upgrade();

  expect(rows(1)).toMatchObject([
    {
      step: "create_droplet",
      kind: "droplet",
      id: null,
      origin: "made",
      phase: "sending",
      not_after: at(15),
      looks: 0,
    },
  ]);
  expect(rows(1)[0].handle).toEqual({ tag: tag(1), name: "d-1" });
  expect(rows(2)).toMatchObject([{ phase: "sending", answered_at: at(5), looks: 1, last_look_at: at(50) }]);
  expect(rows(3)).toMatchObject([{ phase: "refused" }]);
  expect(rows(4)).toMatchObject([
    { id: "41", phase: "there", surplus: false, answered_at: at(5) },
    { id: "42", phase: "there", surplus: true },
  ]);
  expect(rows(5)).toMatchObject([
    { id: "51", phase: "there", surplus: false, deletes: 0 },
    { id: "52", phase: "removing", surplus: true, deletes: 2, deleted_at: at(40) },
  ]);
  expect(rows(6)).toMatchObject([{ id: "61", phase: "there", answered_at: at(3) }]);
  expect(rows(7)).toMatchObject([{ id: "71", phase: "removing", deletes: 2 }]);
  expect(rows(8)).toMatchObject([{ id: null, phase: "absent" }]);
  expect(rows(9)).toMatchObject([{ id: "91", phase: "gone" }]);
  expect(rows(10)).toEqual([]);
});

test("a deployment's own, and what its removal is about, stand in the ledger after the upgrade", async () => {
  await using old = await oldRelease();
  for (const [number, status] of [
    [701, "active"],
    [702, "deprovisioning"],
    [703, "terminated"],
    [704, "terminated"],
  ] as const) {
    await old.deployment(number, status);
    const [saga, droplet] = [number - 600, number - 500];
    await old.saga(provisioned(saga, number, droplet, `h${number}`));
    await old.resource(droplet, saga, number === 703);
    if (number < 704)
      await old.record(droplet + 1000, { deployment: number, saga, name: `h${number}`, released: number === 703 });
  }
  const removal = { deletes: 1, deleted_at: iso(50), empty_looks: 0 };
  await old.saga({
    number: 112,
    name: "deprovision_deployment",
    status: "waiting",
    deployment: 702,
    droplet: 202,
    input: { unmanaged: false, name: "d-102", provider_id: 202 },
    steps: [
      { name: "remove_deployment_dns", status: "pending" },
      { name: "destroy_droplet", status: "waiting", intent: { removal } },
    ],
  });
  const destroying = (number: number, droplet: number, input: object): OldSaga => ({
    number,
    name: "destroy_droplet",
    status: "pending",
    droplet,
    input,
    steps: [{ name: "destroy_droplet", status: "pending" }],
  });
  await old.saga({ ...creating(120, "compensated", dropletIntent(120, ["unclear", 5, 2])), status: "rolled_back" });
  await old.saga(destroying(121, 221, { unmanaged: true, name: "theirs" }));
  await old.saga(destroying(122, 222, { unmanaged: false, name: "another-installation's" }));
  await old.saga(destroying(123, 223, { unmanaged: false, name: "d-120" }));
  const rows = await old.upgrade();

  const owner = { deployment_id: uuid(701), tenant_id: uuid(800) };
  expect(rows(101)).toMatchObject([
    { kind: "droplet", id: "201", origin: "made", phase: "there", ...owner },
    { kind: "dns_record", id: "1201", origin: "made", phase: "there", answered_at: at(20), ...owner },
  ]);
  const place = { zone: "example.com", name: "h701", hostname: "h701.example.com", type: "A" };
  expect(rows(101)[1].handle).toEqual({ ...place, data: "192.0.2.7", ttl: 300 });
  expect(rows(102)).toEqual([]);
  expect(rows(112)).toMatchObject([
    { kind: "droplet", step: "destroy_droplet", id: "202", phase: "removing", deletes: 1, begun_by: 102 },
    { kind: "dns_record", step: "remove_deployment_dns", id: "1202", phase: "there", begun_by: 102 },
  ]);
  expect(rows(103)).toMatchObject([
    { id: "203", phase: "gone" },
    { id: "1203", phase: "gone" },
  ]);
  expect(rows(104)).toMatchObject([{ id: "204", phase: "abandoned" }]);
  expect(rows(121)).toMatchObject([
    { id: "221", origin: "taken_over", phase: "there", handle: { name: "theirs", tag: "" } },
  ]);
  expect(rows(122)).toMatchObject([{ id: "222", origin: "adopted", handle: { tag: `arcadia-install-${uuid(900)}` } }]);
  expect(rows(123)).toMatchObject([{ id: "223", origin: "made", begun_by: 120, handle: { tag: tag(120) } }]);
});

test("records that are being made, taken over or given back stand in the ledger after the upgrade", async () => {
  await using old = await oldRelease();
  const before = [
    { id: 31, data: "203.0.113.7", ttl: 600 },
    { id: 32, data: "203.0.113.8", ttl: null },
  ];
  const pointing = async (number: number, status: string, intent: object, output?: object, back = false) => {
    await old.deployment(number + 700, "provisioning");
    const step = { name: "point_deployment_dns", status, intent, ...(output && { output }) };
    const facts = {
      name: "provision_deployment",
      status: back ? "compensating" : "waiting",
      back,
      deployment: number + 700,
    };
    await old.saga({ ...facts, number, steps: [step] });
  };
  const written = { dns_record_id: 31, dns_written_at: iso(20) };
  await pointing(1, "waiting", recordIntent("h1", ["unclear", 5, 1, 50]));
  const taken = before.map((it) => ({ ...it, id: it.id - 10 }));
  await pointing(2, "running", recordIntent("h2", ["sending"], taken));
  await pointing(3, "completed", recordIntent("h3", ["sending"], before), written);
  await old.record(31, { deployment: 703, saga: 3, name: "h3" });
  const back = before.map((it) => ({ ...it, id: it.id + 10 }));
  await pointing(
    4,
    "compensating",
    recordIntent("h4", ["sending"], back, { bringing_back_until: iso(55) }),
    undefined,
    true,
  );
  await pointing(5, "compensated", recordIntent("h5", ["sending"], before), undefined, true);
  const rows = await old.upgrade();
  const { rows: changes } = await old.pool.query(
    "select right(saga_id::text, 4)::int as saga, aspect, was, goal, phase, not_after from provider_changes order by saga_id",
  );

  expect(rows(1)).toMatchObject([{ kind: "dns_record", id: null, phase: "sending", answered_at: at(5), looks: 1 }]);
  expect(rows(2)).toMatchObject([
    { id: "21", origin: "taken_over", phase: "there", surplus: false, handle: { data: "192.0.2.7", ttl: 600 } },
    { id: "22", origin: "taken_over", phase: "removing", surplus: true, handle: { data: "203.0.113.8", ttl: null } },
  ]);
  expect(rows(3)).toMatchObject([
    { id: "31", origin: "taken_over", phase: "there", surplus: false, answered_at: at(20) },
    { id: "32", phase: "gone", surplus: true },
  ]);
  expect(rows(4)).toMatchObject([
    { id: "41", phase: "there" },
    { id: null, origin: "made", phase: "sending", not_after: at(55), handle: { data: "203.0.113.8" } },
    { id: "42", phase: "gone", surplus: true },
  ]);
  expect(rows(5)).toEqual([]);
  const value = { aspect: "value", was: { data: "203.0.113.7", ttl: 600 }, goal: { data: "192.0.2.7", ttl: 600 } };
  expect(changes).toMatchObject([
    { saga: 2, ...value, phase: "sending", not_after: at(15) },
    { saga: 3, ...value, phase: "reached" },
    { saga: 4, ...value, phase: "sending" },
  ]);
});
