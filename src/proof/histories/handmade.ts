import type { Tx } from "#db/connection.ts";
import { planAdoption } from "#operations/adopt-deployment.ts";
import { createTenant } from "#operations/create-tenant.ts";
import type { RecordLine } from "../invariants.ts";
import { addDroplet, addRecord } from "../records.ts";
import { type Stage, zone } from "../stage/stage.ts";

/** Somebody who runs droplets without us, and what they have in the zone. */
export interface ByHand {
  readonly records: readonly RecordLine[];
  /** A droplet of that name, and once it has an address, a record that leads to it. */
  make(host: string): void;
}

/** A droplet has an address by then. Milliseconds. */
const addressMs = 20_000;

export function byHand(stage: Stage): ByHand {
  const records: RecordLine[] = [];
  return {
    records,
    make(name) {
      void addDroplet(stage, name);
      stage.scheduler.at(stage.operator, stage.scheduler.now() + addressMs, () => {
        const data = stage.simulator.state().droplets.find((it) => it.name === name)?.public_ipv4;
        if (!data) return;
        const record = { type: "A", name, data, ttl: 600 };
        records.push(record);
        void addRecord(stage, record);
      });
    },
  };
}

/** An admin adopts it with its record, as far as it is known. @returns the deployment */
export async function adoptHandmade(stage: Stage, tx: Tx, host: string): Promise<string> {
  const droplet = stage.simulator.state().droplets.find(({ name }) => name === host);
  if (!droplet) return "there is no droplet";
  const now = new Date(stage.scheduler.now());
  const { ids } = stage;
  const known = await tx.selectFrom("tenants").select("id").where("slug", "=", host).executeTakeFirst();
  const tenant = known ?? (await createTenant(tx, { slug: host, name: host, hostnames: [] }, { ids, now }));
  const asked = { tenant_id: tenant.id, provider_id: droplet.id, hostname: `${host}.${zone}`, dns: "manage" } as const;
  return (await planAdoption(tx, stage.sagas, asked, { zone, ids, now })).start();
}
