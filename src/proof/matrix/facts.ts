import { sql } from "kysely";
import type { Stage } from "../stage/stage.ts";

/** Everything that a worker may change only while it holds the saga, as one text. */
export async function factsOf({ db, simulator }: Stage): Promise<string> {
  const { droplets, domains, snapshots, volumes, volume_snapshots, reserved_ips, ...state } = simulator.state();
  const truth = [droplets, domains, snapshots, volumes, volume_snapshots, reserved_ips];
  const { rows } = await sql<{ facts: string }>`
    select concat(
      (select jsonb_agg(it order by id) from sagas it),
      (select jsonb_agg(it order by saga_id, position) from saga_steps it),
      (select count(*) from saga_events),
      (select jsonb_agg(it order by id) from deployments it),
      (select jsonb_agg(to_jsonb(it) - 'last_seen_at' order by id) from cloud_resources it),
      (select jsonb_agg(to_jsonb(it) - 'recheck_at' - 'rechecks' order by id) from provider_resources it),
      (select jsonb_agg(it order by id) from provider_changes it)
    ) as facts`.execute(db);
  return JSON.stringify([rows, truth, state.created_total, state.destroyed_total]);
}
