import pg from "pg";

/** How much there is of everything that grows. */
export interface Fullness {
  /** Of which a fifth is active, and nearly all others have been terminated; each has had two sagas. */
  readonly deployments: number;
  readonly audits: number;
  /** Droplets of the inventory; those of active deployments are there, the others deleted. */
  readonly droplets: number;
}

export const full: Fullness = { deployments: 500_000, audits: 1_000_000, droplets: 100_000 };

export const scaled = (share: number): Fullness => ({
  deployments: Math.round(full.deployments * share),
  audits: Math.round(full.audits * share),
  droplets: Math.round(full.droplets * share),
});

/** Ids of what `fill` makes: the nth of its kind, from 1. */
export const idOf = (kind: keyof typeof kinds, n: number): string =>
  `${kinds[kind]}0000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`;
const kinds = { tenant: "a", deployment: "b", saga: "c", resource: "d", webhook: "e", other: "f" } as const;
const id = (kind: keyof typeof kinds, n: string): string =>
  `('${kinds[kind]}0000000-0000-4000-8000-' || lpad(to_hex(${n}), 12, '0'))::uuid`;

export const tenantsIn = ({ deployments }: Fullness): number => Math.max(20, Math.round(deployments / 20));

/** A third belongs to one tenant: lists of it are as long as any. */
const tenantOf = (n: string, tenants: number): string =>
  id("tenant", `case when ${n} % 3 = 0 then 1 else 1 + ${n} % ${tenants} end`);
/** Two years, evenly, up to now; to the millisecond, as the product writes times. */
const time = (n: string, of: number): string =>
  `date_trunc('milliseconds', now() - interval '730 days' * (1 - ${n}::float8 / ${of}))`;

/**
 * Fills a migrated, empty database as years of work would leave it, with statistics, and without going through the
 * product. What is rare is old, so that who walks through a list from its new end finds it last.
 * @param url of the owner of the tables
 */
export async function fill(url: string, how: Fullness): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    // Neither triggers nor foreign keys: what they would write is written below, at once.
    await client.query("set session_replication_role = replica; set synchronous_commit = off");
    for (const statement of statements(how)) await client.query(statement);
    await client.query("reset session_replication_role");
    await client.query("vacuum analyze");
  } finally {
    await client.end();
  }
}

function statements(how: Fullness): string[] {
  const { deployments, audits, droplets } = how;
  const tenants = tenantsIn(how);
  const from = (most: number) => `from generate_series(1, ${most}) i`;
  const status = `case when i % 5 = 0 then 'active' when i % 50 = 1 and i < ${deployments / 2} then 'cancelled' else 'terminated' end`;
  const ended = `finished_at is not null`;
  const zeros = "'00000000-0000-0000-0000-000000000000'::uuid";
  return [
    `insert into releases (id, name, image, created_at) values (${id("other", "1")}, 'one', 'ubuntu-24-04-x64', now())`,
    `insert into tenants (id, slug, name, hostnames, created_at, updated_at)
      select ${id("tenant", "i")}, 'tenant-' || i, 'Tenant No ' || i, array['*.t' || i || '.example.com'], ${time("i", tenants)}, now()
      ${from(tenants)}`,
    `insert into deployments (id, tenant_id, name, hostname, region, size_slug, image, release, labels, status, saga_id, created_at, updated_at)
      select ${id("deployment", "i")}, ${tenantOf("i", tenants)}, case i % 4 when 0 then 'web' else 'app-' || i end,
        'h' || i || '.t' || i % ${tenants} || '.example.com', 'syd1', 's-1vcpu-512mb-10gb', 'ubuntu-24-04-x64',
        case when i < 1000 then 'one' end, jsonb_build_object('tier', case when i < 1000 then 'old' else 'web' end), ${status},
        case when i % 5 = 0 or i % 50 = 1 then ${id("saga", "2 * i - 1")} else ${id("saga", "2 * i")} end,
        ${time("i", deployments)}, now()
      ${from(deployments)}`,
    // Two of each deployment: the first provisions; the second deprovisions, or is about a droplet without a deployment.
    `insert into sagas (id, name, status, direction, input, deployment_id, tenant_id, position, created_at, started_at, finished_at)
      select ${id("saga", "i")}, name, case when back then 'rolled_back' else 'completed' end,
        case when back then 'back' else 'forward' end, '{}',
        case when name like '%deployment' then ${id("deployment", "deployment")} end,
        case when name like '%deployment' then ${tenantOf("deployment", tenants)} end, 7, at, at, at + interval '41 seconds'
      from (
        select i, deployment, i % 2 = 1 and deployment % 50 = 1 and deployment < ${deployments / 2} as back,
          case when i % 2 = 1 then 'provision_deployment' when deployment % 5 > 0 then 'deprovision_deployment'
            when deployment < ${deployments / 2} then 'destroy_droplet' else 'provision_droplet' end as name,
          ${time("i", deployments * 2)} as at
        from (select i, (i + 1) / 2 as deployment ${from(deployments * 2)}) them
      ) them`,
    `insert into saga_steps (saga_id, position, name, status, attempts, output, started_at, finished_at)
      select ${id("saga", "i")}, step, 'step_' || step, 'completed', 1, '{}', ${time("i", deployments * 2)}, ${time("i", deployments * 2)}
      ${from(deployments * 2)}, generate_series(0, 5) step`,
    `insert into saga_log (saga_id, sequence, at, type, data)
      select ${id("saga", "i")}, event, ${time("i", deployments * 2)}, 'step', '{"name": "step", "status": "completed"}'
      ${from(deployments * 2)}, generate_series(1, 8) event`,
    `insert into provider_resources (id, kind, begun_by, saga_id, step, deployment_id, tenant_id, handle, provider_id, origin, phase, history, created_at)
      select ${id("resource", "i")}, 'droplet', ${id("saga", "2 * i - 1")}, ${id("saga", "2 * i - 1")}, 'create_droplet',
        ${id("deployment", "i")}, ${tenantOf("i", tenants)}, jsonb_build_object('name', 'droplet-' || i, 'tag', 'arcadia-saga-' || i),
        i::text, 'made', case when i % 5 = 0 then 'there' else 'gone' end, '[]', ${time("i", deployments)}
      ${from(deployments)}`,
    `insert into cloud_resources (id, provider_id, name, status, region, size_slug, image, public_ipv4, tags, managed, deployment_id,
        tenant_id, registered_by, linked_by, destroyed_by, first_seen_at, last_seen_at, deleted_at)
      select ${id("resource", "i")}, i, 'droplet-' || i, case when i % 5 = 0 then 'active' else 'deleted' end,
        case when i % 20 = 0 and i < ${deployments - droplets / 2} then 'nyc3' else 'syd1' end,
        's-1vcpu-512mb-10gb', 'ubuntu-24-04-x64', '10.' || i / 65536 || '.' || i / 256 % 256 || '.' || i % 256, array['arcadia'],
        i % 100 > 0 or i > ${deployments - droplets / 2}, ${id("deployment", "i")}, ${tenantOf("i", tenants)},
        ${id("saga", "2 * i - 1")}, ${id("saga", "2 * i - 1")}, case when i % 5 > 0 then ${id("saga", "2 * i")} end,
        ${time("i", deployments)}, now(), case when i % 5 > 0 then now() end
      from generate_series(${deployments - droplets + 1}, ${deployments}) i`,
    `insert into sightings (provider_id, droplet, observed_at)
      select provider_id, jsonb_build_object('id', provider_id, 'name', name, 'status', status), now()
      from cloud_resources where deleted_at is null`,
    `insert into strays (provider_id, name, verdict, reason, first_seen_at, last_seen_at, gone_at)
      select 1000000000 + i, 'stray-' || i, 'destroyed', 'late', ${time("i", droplets)}, now(), now() ${from(droplets / 10)}`,
    `insert into audit_log (id, at, token_id, subject, action, object_type, object_id, tenant_id)
      select ${id("other", "i")}, ${time("i", audits)}, null, case when i < 1000 then 'somebody of old' else 'subject ' || i % 10 end,
        case when i < 1000 then 'tenant.delete' when i % 2 = 0 then 'deployment.create' else 'deployment.delete' end,
        case when i < 1000 then 'tenant' else 'deployment' end, ${id("deployment", `1 + i % ${deployments}`)}, ${tenantOf("i", tenants)}
      ${from(audits)}`,
    `insert into webhooks (id, url, events, tenant_id, secret, created_at, updated_at)
      select ${id("webhook", "i")}, 'https://receiver.example.com/' || i, array['*'], null, '', now(), now() ${from(20)}`,
    `insert into webhook_messages (id, at, type, object_id, data, dispatched)
      select ${id("other", "i")}, ${time("i", droplets)}, 'saga.completed', ${id("saga", "i")}, '{}', true ${from(droplets)}`,
    `insert into webhook_deliveries (id, webhook_id, message_id, object_id, at, status, attempts, tries_left, delivered_at)
      select ${id("other", "i")}, ${id("webhook", "case when i % 3 = 0 then 1 else 1 + i % 20 end")}, ${id("other", "i")}, ${id("saga", "i")},
        ${time("i", droplets)}, case when i < 1000 then 'failed' else 'delivered' end, 1, 3, now() ${from(droplets)}`,
    `insert into webhook_attempts (delivery_id, number, at, status, duration_ms)
      select ${id("other", "i")}, 1, ${time("i", droplets)}, 200, 30 ${from(droplets)}`,
    `insert into provider_requests (id, at, method, route, saga_id, status, duration_ms)
      select ${id("other", "i")}, now() - interval '1 day' * i / ${droplets}, 'GET', '/v2/droplets', ${id("saga", "i")}, 200, 80
      ${from(droplets)}`,
    `insert into looks (id, scope, begun_at, finished_at, found, pages)
      select ${id("other", "i")}, case when i % 90 = 0 then 'account' else 'fleet' end, now() - interval '5 seconds' * i, now(), 1, 1
      ${from(Math.min(17_000, droplets))}`,
    `insert into status_counts
      select 'deployment', tenant_id, status, count(*) from deployments group by tenant_id, status
      union all select 'deployment', ${zeros}, status, count(*) from deployments group by status
      union all select 'saga', tenant_id, status, count(*) from sagas where ${ended} and tenant_id is not null group by tenant_id, status
      union all select 'saga', ${zeros}, status, count(*) from sagas where ${ended} group by status`,
    `insert into provisioning_days (tenant_id, day, completed, failed, cancelled, median_seconds, p95_seconds)
      select coalesce(tenant_id, ${zeros}), (created_at at time zone 'UTC')::date as day, count(*) filter (where status = 'completed'),
        count(*) filter (where status = 'rolled_back'), 0, 41, 41
      from sagas where name = 'provision_deployment' and ${ended} group by grouping sets ((day), (day, tenant_id))`,
    "insert into rolled_up (name, until) values ('provisioning_days', now())",
    `insert into search_index
      select id, 'd', created_at, concat_ws(e'\\n', name, hostname) from deployments
      union all select id, 't', created_at, concat_ws(e'\\n', slug, name) from tenants
      union all select id, 'r', first_seen_at, concat_ws(e'\\n', name, public_ipv4) from cloud_resources`,
  ];
}
