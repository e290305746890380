import { hasEnded } from "#saga-ended.ts";
import { reservedIpKind } from "#resources/kinds/reserved-ip-handle.ts";
import { isLive } from "#resources/phases.ts";
import type { AtRest, Facts } from "./invariants.ts";
import type { Truth } from "./truth.ts";

/** The reserved IP of a deployment, as the ledger has it. */
export const reservedIpOf = ({ held }: Pick<Facts, "held">, deploymentId: string): string | undefined =>
  held.find((row) => row.kind === reservedIpKind && row.deployment_id === deploymentId && row.phase === "there")
    ?.provider_id ?? undefined;

/**
 * 16. No reserved IP is without an owner; that of an active deployment leads to its droplet, and to no other. DNS leads to
 * it by invariant 3.
 */
export function brokenReservedIps(
  facts: Facts,
  truth: Truth,
  { theirs = new Set() }: Pick<AtRest, "theirs">,
): string[] {
  const { held, sagas, deployments, resources, absences } = facts;
  const live = new Set(
    held.filter((row) => row.kind === reservedIpKind && isLive(row.phase)).map((row) => row.provider_id),
  );
  const isOver = sagas.every(({ status }) => hasEnded(status));
  const nobodys = truth.reserved_ips.filter(
    ({ ip }) => isOver && !live.has(ip) && !theirs.has(`${reservedIpKind} ${ip}`),
  );
  return [
    ...nobodys.map(({ ip }) => `16: reserved IP ${ip} is in no row of the ledger`),
    ...deployments
      .filter(
        ({ id, status }) => status === "active" && !sagas.some((it) => it.deployment_id === id && !hasEnded(it.status)),
      )
      .flatMap(({ id, reserved_ip: isWanted }) => {
        const ip = reservedIpOf(facts, id);
        if (ip === undefined) return isWanted ? [`16: active deployment ${id} has no reserved IP`] : [];
        const to = truth.reserved_ips.find((it) => it.ip === ip);
        const row = resources.find((it) => it.deployment_id === id && it.deleted_at === null);
        // One whose droplet somebody else destroyed leads nowhere until it is repaired.
        if (absences.some((it) => it.deployment_id === id))
          return to ? [] : [`16: reserved IP ${ip} of ${id} is not there`];
        return to?.droplet_id === row?.provider_id
          ? []
          : [
              `16: reserved IP ${ip} of ${id} leads to ${to?.droplet_id ?? "nothing"}, its droplet is ${row?.provider_id}`,
            ];
      }),
  ];
}
