import type { Db } from "#db/connection.ts";
import { systemIds } from "#ids.ts";

const dayMs = 24 * 3_600_000;

/** Deployments that came and went before the test, `perDay` on each of the last 30 days, as the rows they leave. */
export async function writePast(db: Db, tenantId: string, perDay: number): Promise<void> {
  const now = Date.now();
  const past = Array.from({ length: 30 }, (_, day) =>
    Array.from({ length: Math.max(1, Math.round(perDay * (0.75 + 0.5 * wave(day)))) }, (_each, index) =>
      pastOne(now - day * dayMs - (index + 1) * 60_000, index + day, tenantId),
    ),
  ).flat();
  for (let from = 0; from < past.length; from += 1000) {
    const rows = past.slice(from, from + 1000);
    await db
      .insertInto("deployments")
      .values(rows.map((it) => it.deployment))
      .execute();
    await db
      .insertInto("sagas")
      .values(rows.map((it) => it.saga))
      .execute();
  }
}

/** From 0 to 1, up and down over the days. */
const wave = (day: number): number => (Math.sin(day * 1.7) + Math.sin(day * 0.6) + 2) / 4;

function pastOne(at: number, index: number, tenantId: string) {
  const created = new Date(at);
  const ids = systemIds({ ...clockAt, now: () => created });
  const failed = index % 17 === 7;
  const ended = new Date(at + 24_000 + wave(Math.floor(at / dayMs)) * 20_000 + ((index * 7919) % 41) * 600);
  const id = ids.uuid();
  const common = { tenant_id: tenantId, created_at: created };
  return {
    deployment: {
      ...common,
      id,
      name: `app-${id.slice(-6)}`,
      hostname: `app-${id.slice(-12)}.example.com`,
      region: "syd1",
      size_slug: "s-1vcpu-1gb",
      image: "ubuntu-24-04-x64",
      status: failed ? ("cancelled" as const) : ("terminated" as const),
      reason: failed ? "The droplet did not become active in time" : null,
      updated_at: ended,
      ended_at: ended,
    },
    saga: {
      ...common,
      id: ids.uuid(),
      name: "provision_deployment",
      status: failed ? ("rolled_back" as const) : ("completed" as const),
      direction: failed ? ("back" as const) : ("forward" as const),
      input: "{}",
      deployment_id: id,
      started_at: created,
      finished_at: ended,
    },
  };
}

const clockAt = { sleep: async () => undefined, timeout: (ms: number) => AbortSignal.timeout(ms) };
