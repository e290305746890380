import type { DeploymentRow } from "#deployments/queries.ts";
import type { Tx } from "#db/connection.ts";
import { storedCheck } from "#probes/check.ts";
import { findRelease, type ReleaseRow } from "#releases/queries.ts";

/** What a droplet of the deployment runs: copied into its saga, so that it does what was asked for when it began. */
export async function runOf(tx: Tx, deployment: DeploymentRow) {
  const release = deployment.release === null ? undefined : await findRelease(tx, deployment.release);
  const check = deployment.health_check ?? release?.health_check ?? null;
  return {
    release: deployment.release,
    features: featuresOf(release),
    health_check: storedCheck.nullable().parse(check),
  };
}

const featuresOf = (release: ReleaseRow | undefined) => ({
  ...(release?.monitoring && { monitoring: true }),
  ...(release?.ipv6 && { ipv6: true }),
  ...(release?.backups && { backups: true }),
  ...(release?.vpc_uuid && { vpc_uuid: release.vpc_uuid }),
});
