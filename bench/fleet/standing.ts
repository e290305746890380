import type pg from "pg";
import { handleOf, tagsOf } from "../../src/resources/kinds/droplet-handle.ts";
import { publicAddress } from "../../src/simulator/networks.ts";
import { zone } from "../../src/proof/stage/stage.ts";

const installation = "00000000-0000-7000-9000-000000000001";
const tenant = "00000000-0000-7000-9000-000000000002";
const spec = { region: "syd1", size: "s-1vcpu-512mb-10gb", image: "ubuntu-24-04-x64", imageId: 195_932_981 };
const firstDroplet = 100_000_000;
const firstRecord = 300_000_000;
const ttl = 300;

const idOf = (kind: "7a00" | "7b00" | "7c00" | "7d00" | "7e00", nth: number): string =>
  `00000000-0000-${kind}-8000-${nth.toString(16).padStart(12, "0")}`;

/** The deployment that is the nth of those that stand already. */
export const standingDeployment = (nth: number): string => idOf("7b00", nth);

/** The provider's account, as the simulator saves it, with so many of our droplets, each with its record. */
export function standingAccount(count: number, at: number): unknown {
  const nths = Array.from({ length: count }, (_, nth) => nth);
  const made = at - 24 * 3_600_000;
  const record = { priority: null, port: null, weight: null, flags: null, tag: null, listedAt: made };
  const nameServers = [1, 2, 3].map((nth) => ({
    ...record,
    id: firstRecord - nth,
    type: "NS",
    name: "@",
    data: `ns${nth}.digitalocean.com`,
    ttl: 1800,
  }));
  const records = nths.map((nth) => ({
    ...record,
    id: firstRecord + nth,
    type: "A",
    name: hostOf(nth),
    data: publicAddress(nth),
    ttl,
  }));
  const droplets = nths.map((nth) => ({
    id: firstDroplet + nth,
    name: handleOf(sagaOf(nth), hostOf(nth)).name,
    region: spec.region,
    size: spec.size,
    image: spec.imageId,
    features: [],
    vpc: "",
    address: nth,
    tags: tagsOf(sagaOf(nth), installation).map((name) => ({ name, shownAt: made })),
    power: "on",
    pendingAction: null,
    actions: [],
    deleteWhileNew: "works",
    createdAt: made,
    listedAt: made,
    foundAt: made,
    activeAt: made,
    addressAt: made,
    deletion: null,
  }));
  return {
    version: 1,
    uuid: "00000000-0000-4000-8000-00000000acc0",
    seed: 1,
    nextId: 500_000_000,
    nextAddress: count,
    freeAddresses: [],
    createdTotal: count,
    destroyedTotal: 0,
    droplets,
    actions: [],
    zones: [{ name: zone, createdAt: made, records: [...nameServers, ...records] }],
    tags: [],
    requests: { total: 0, by_route: {}, peak_per_minute: 0 },
  };
}

const sagaOf = (nth: number): string => idOf("7a00", nth);
const hostOf = (nth: number): string => `standing-${nth}`;

/** What our database knows of them: deployments that are active, each provisioned by a saga that is complete. */
export async function writeStanding(client: pg.Client, count: number, at: number): Promise<void> {
  const made = new Date(at - 24 * 3_600_000);
  await client.query("set session_replication_role = replica");
  await client.query("insert into installation (id, created_at) values ($1, $2)", [installation, made]);
  await client.query(
    "insert into tenants (id, slug, name, created_at, updated_at) values ($1, 'standing', 'standing', $2, $2)",
    [tenant, made],
  );
  for (let from = 0; from < count; from += 5000) {
    const nths = Array.from({ length: Math.min(5000, count - from) }, (_, it) => from + it);
    const rows = JSON.stringify(nths.map(rowOf));
    await client.query(statements.sagas, [rows, tenant, made]);
    await client.query(statements.deployments, [rows, tenant, made, spec.region, spec.size, spec.image]);
    await client.query(statements.droplets, [rows, tenant, made, spec.region, spec.size, spec.image]);
    await client.query(statements.ledger, [rows, tenant, made]);
  }
  // How large the fleet and the zone are was seen long ago.
  const pages = Math.max(1, Math.ceil(count / 200));
  const look = [idOf("7d00", count), new Date(at - 3_600_000), count, pages];
  await client.query(
    "insert into looks (id, scope, begun_at, finished_at, found, pages) values ($1, 'fleet', $2, $2, $3, $4)",
    look,
  );
  await client.query("insert into zone_listings (zone, begun_at, pages) values ($1, $2, $3)", [zone, look[1], pages]);
  await client.query("set session_replication_role = default");
  await client.query("analyze");
}

function rowOf(nth: number) {
  const saga = sagaOf(nth);
  const hostname = `${hostOf(nth)}.${zone}`;
  const value = { zone, name: hostOf(nth), hostname, type: "A", data: publicAddress(nth), ttl };
  return {
    saga,
    hostname,
    deployment: standingDeployment(nth),
    host: hostOf(nth),
    resource: idOf("7c00", nth),
    droplet: firstDroplet + nth,
    name: handleOf(saga, hostOf(nth)).name,
    address: publicAddress(nth),
    tags: tagsOf(saga, installation),
    held: [
      { id: idOf("7d00", nth), kind: "droplet", step: "create_droplet", handle: handleOf(saga, hostOf(nth)) },
      { id: idOf("7e00", nth), kind: "dns_record", step: "point_deployment_dns", handle: value },
    ].map((it) => ({ ...it, provider_id: `${(it.kind === "droplet" ? firstDroplet : firstRecord) + nth}` })),
  };
}

const each = "from jsonb_array_elements($1::jsonb) it";
const statements = {
  sagas: `insert into sagas (id, name, status, input, deployment_id, tenant_id, created_at, started_at, finished_at)
    select (it ->> 'saga')::uuid, 'provision_deployment', 'completed', jsonb_build_object('name', it ->> 'host'),
      (it ->> 'deployment')::uuid, $2::uuid, $3::timestamptz, $3, $3 ${each}`,
  deployments: `insert into deployments (id, tenant_id, name, hostname, region, size_slug, image, status, saga_id,
      created_at, updated_at, activated_at)
    select (it ->> 'deployment')::uuid, $2::uuid, it ->> 'host', it ->> 'hostname', $4, $5, $6, 'active',
      (it ->> 'saga')::uuid, $3::timestamptz, $3, $3 ${each}`,
  droplets: `insert into cloud_resources (id, provider_id, name, status, region, size_slug, image, public_ipv4, tags,
      managed, deployment_id, tenant_id, registered_by, linked_by, provider_created_at, first_seen_at, last_seen_at)
    select (it ->> 'resource')::uuid, (it ->> 'droplet')::bigint, it ->> 'name', 'active', $4, $5, $6,
      it ->> 'address', array(select jsonb_array_elements_text(it -> 'tags')), true, (it ->> 'deployment')::uuid,
      $2::uuid, (it ->> 'saga')::uuid, (it ->> 'saga')::uuid, $3::timestamptz, $3, $3 ${each}`,
  ledger: `insert into provider_resources (id, kind, begun_by, saga_id, step, deployment_id, tenant_id, handle,
      provider_id, origin, phase, answered_at, history, created_at)
    select (held ->> 'id')::uuid, held ->> 'kind', (it ->> 'saga')::uuid, (it ->> 'saga')::uuid, held ->> 'step',
      (it ->> 'deployment')::uuid, $2::uuid, held -> 'handle', held ->> 'provider_id', 'made', 'there',
      $3::timestamptz, '[]', $3
    ${each}, jsonb_array_elements(it -> 'held') held`,
};
