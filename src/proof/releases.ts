import type { Tx } from "#db/connection.ts";
import { createRelease } from "#operations/create-release.ts";
import type { Check } from "#probes/check.ts";
import type { VolumeSpec } from "#volume.ts";
import { secrets, type Stage } from "./stage/stage.ts";

/** Of an app that answers by http. */
export const healthCheck: Check = {
  protocol: "http",
  port: 80,
  interval_seconds: 5,
  timeout_seconds: 3,
  healthy_after: 2,
  unhealthy_after: 3,
  deadline_seconds: 600,
};

interface Kind {
  readonly rollback_safe: boolean;
  /** Null: nobody can tell whether it is well. */
  readonly check?: Check | null;
  /** For deployments that have one. */
  readonly volume?: VolumeSpec;
}

/** What droplets run, checked by http. */
export async function makeRelease(
  stage: Stage,
  tx: Tx,
  name: string,
  { rollback_safe, check = healthCheck, volume }: Kind,
): Promise<void> {
  const off = { monitoring: false, ipv6: false, backups: false, stateless: false, reserved_ip: false };
  const features = { ...off, rollback_safe };
  const made = { id: stage.ids.uuid(), now: new Date(stage.scheduler.now()), secrets: stage.box };
  await createRelease(
    tx,
    {
      name,
      image: "ubuntu-24-04-x64",
      ssh_keys: [],
      ...features,
      ...(check && { health_check: check }),
      volume,
      user_data: secrets.userData,
    },
    made,
  );
}
