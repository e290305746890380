import { z } from "zod";
import type { Tx } from "#db/connection.ts";
import { byHand, later, makeRecord, oddly, once, recordsPath, trouble, troubleIsOver } from "./by-hand.ts";
import { deploy, type Wish } from "./deploy.ts";
import type { Row } from "#resources/ledger.ts";
import { recordHandle, recordKind } from "#resources/kinds/record-handle.ts";
import type { RecordLine } from "./invariants.ts";
import { cancelLive } from "./matrix/endings.ts";
import { addRecord, changeRecord } from "./records.ts";
import { bystander, type Stage, zone } from "./stage/stage.ts";
import { grow, recordRow, removeNamed, type Scenario, whole } from "./scenarios.ts";

/** Runs a saga that has to fail by this, and is rolled back, or stuck where it only goes forward. @returns it */
export async function refused(stage: Stage, code: string, start: (tx: Tx) => Promise<string>): Promise<string> {
  let id = "";
  await whole(stage, async (tx) => (id = await start(tx)));
  const asked = stage.db.selectFrom("saga_steps").select(["name", "error"]).where("saga_id", "=", id);
  const told = JSON.stringify(await stage.perform(asked.where("error", "is not", null).execute()));
  if (!told.includes(`"${code}"`)) throw new Error(`Saga ${id} was to fail by ${code}, and its steps say ${told}`);
  return id;
}

/** A deployment that cannot be, for what stands at its hostname or above it. */
export const taken = (stage: Stage, name: string, wish: Wish): Promise<string> =>
  refused(stage, "dns_conflict", (tx) => deploy(stage, tx, name, wish));

/** A person hands a name to other nameservers, with all below it. */
const delegate = (stage: Stage, name: string): Promise<number> =>
  makeRecord(stage, { type: "NS", name, data: "ns1.example.net.", ttl: 1800 });

const records = z.object({ domain_records: z.array(z.unknown()) });
const blank = { priority: null, port: null, ttl: 1800, weight: null, flags: null, tag: null };

/** What a listing of the zone shows, for so many times, that the simulator itself does not have. */
export const shown = (stage: Stage, times: number, record: object): Promise<void> =>
  oddly(stage, recordsPath(), times, (listed) => {
    const all = [...records.parse(listed).domain_records, { id: 77, ...blank, ...record }];
    return { domain_records: all, links: {}, meta: { total: all.length } };
  });

const settled = async (stage: Stage): Promise<void> => {
  await stage.simulator.handle({ method: "DELETE", path: "/_sim/faults", headers: {} });
  await grow(stage.scheduler);
};

const others: readonly RecordLine[] = [
  { type: "CNAME", name: "www.others", data: "elsewhere.example.net.", ttl: 600 },
  { type: "AAAA", name: "six.others", data: "2001:db8::9", ttl: 600 },
  { type: "A", name: `${bystander}-two`, data: "203.0.113.7", ttl: 600 },
  { type: "A", name: `${bystander}-two`, data: "203.0.113.8", ttl: 600 },
];

/** Hostnames that others have, in every way there is; each is refused, and left as it was. */
async function refuseAll(stage: Stage): Promise<void> {
  for (const record of others) await makeRecord(stage, record);
  await delegate(stage, "handed");
  await byHand(stage, "POST", "/v2/domains", { name: `kid.${zone}` });
  await grow(stage.scheduler);
  await taken(stage, "cname", { host: "www.others" });
  await taken(stage, "six", { host: "six.others", replaceDns: true });
  await taken(stage, "two", { host: `${bystander}-two` });
  await taken(stage, "at", { host: "handed" });
  await taken(stage, "below", { host: "app.handed" });
  await taken(stage, "kid", { host: "app.kid" });
  await shown(stage, 10, { type: "DNAME", name: "Sent", data: "elsewhere.example.net" });
  await grow(stage.scheduler);
  await taken(stage, "sent", { host: "app.sent" });
  await settled(stage);
  await shown(stage, 10, { type: "A", name: "Untold", data: null });
  await taken(stage, "untold", { host: "untold", replaceDns: true });
  await settled(stage);
}

/** What the droplet of a deployment has for an address, once it has one. */
export const addressOf = ({ simulator }: Stage, name: string): string | null =>
  simulator.state().droplets.find((it) => it.name.startsWith(`${name}-`))?.public_ipv4 ?? null;

const astrayMs = 4 * 60_000;

/** A person leads our record elsewhere, and sees some minutes later what that has come to. */
async function leadAstray(stage: Stage, { provider_id: id, handle }: Row, address: string): Promise<void> {
  const was = recordHandle.parse(handle);
  await changeRecord(stage, Number(id), { ...was, data: address });
  later(stage, astrayMs, () => changeRecord(stage, Number(id), was));
}

/** A create of its record is not answered, and while that settles it is cancelled: nothing of it is found. */
async function giveUpRecord(stage: Stage, name: string, wish: Wish): Promise<void> {
  await trouble(stage, { method: "POST", path: `^${recordsPath()}$`, kind: "reset" });
  once(
    stage,
    () => troubleIsOver(stage),
    () => cancelLive(stage),
  );
  await whole(stage, (tx) => deploy(stage, tx, name, wish));
}

export const hostnameScenarios: Readonly<Record<string, Scenario>> = {
  // Beside hostnames of others, none of which may be ours; its own is below one that is nobody's.
  "provision_deployment:beside_others": {
    saga: "provision_deployment",
    steps: ["mark_deployment_provisioning"],
    recordsBefore: others.map((it) => ({ ...it, data: it.data.replace(/\.$/, "") })),
    prepare: refuseAll,
    start: (stage, tx) => deploy(stage, tx, "acme", { host: "app.acme" }),
  },
  // While its droplet boots a person hands its hostname to other nameservers.
  "provision_deployment:delegated": {
    saga: "provision_deployment",
    steps: ["point_deployment_dns"],
    fails: true,
    async start(stage, tx) {
      once(
        stage,
        () => stage.simulator.state().droplets.length > 0,
        () => delegate(stage, "acme"),
      );
      return deploy(stage, tx, "acme", { host: "app.acme" });
    },
  },
  // Another hostname's record of ours does not tell where it leads, for some looks.
  "provision_deployment:untold": {
    saga: "provision_deployment",
    steps: ["mark_deployment_provisioning"],
    async prepare(stage) {
      await whole(stage, (tx) => deploy(stage, tx, bystander));
      await grow(stage.scheduler);
      await shown(stage, 3, { type: "A", name: "Beside", data: null });
    },
    start: (stage, tx) => deploy(stage, tx, "acme"),
  },
  // While its droplet boots a person leads our record of another hostname to it, and back later.
  "provision_deployment:shared_address": {
    saga: "provision_deployment",
    steps: ["point_deployment_dns"],
    fails: true,
    calmMs: astrayMs,
    async prepare(stage) {
      await whole(stage, (tx) => deploy(stage, tx, bystander));
      await grow(stage.scheduler);
    },
    async start(stage, tx) {
      const row = await recordRow(tx);
      once(
        stage,
        () => addressOf(stage, "acme") !== null,
        () => leadAstray(stage, row, addressOf(stage, "acme") ?? ""),
      );
      return deploy(stage, tx, "acme", { tenant: bystander });
    },
  },
  // A person leads our record of another hostname to a droplet that is removed next, and back later.
  "deprovision_deployment:shared_address": {
    saga: "deprovision_deployment",
    steps: ["destroy_droplet"],
    async prepare(stage) {
      await whole(stage, (tx) => deploy(stage, tx, "acme"));
      await whole(stage, (tx) => deploy(stage, tx, bystander));
      await grow(stage.scheduler);
    },
    async start(stage, tx) {
      await leadAstray(stage, await recordRow(tx), addressOf(stage, "acme") ?? "");
      return removeNamed(stage, tx, "acme");
    },
  },
  // What an earlier deployment of the hostname had asked for, and had given up, comes late.
  "provision_deployment:came_late": {
    saga: "provision_deployment",
    steps: ["mark_deployment_provisioning", "point_deployment_dns"],
    calmMs: 4 * 60_000,
    async prepare(stage) {
      await giveUpRecord(stage, "first", { host: "acme" });
      const { name, data, ttl } = recordHandle.parse((await stage.perform(recordRow(stage.db))).handle);
      await addRecord(stage, { type: "A", name, data, ttl: ttl ?? 300 });
      stage.person.lost.add(data);
      await grow(stage.scheduler);
      // Somebody's of another name leads there too, for a while.
      const beside = await makeRecord(stage, { type: "A", name: "beside", data, ttl: 600 });
      await taken(stage, "beside", {});
      stage.person.theirs.delete(`${recordKind} ${beside}`);
      await byHand(stage, "DELETE", `${recordsPath()}/${beside}`);
      await grow(stage.scheduler);
    },
    start: (stage, tx) => deploy(stage, tx, "acme"),
  },
};
