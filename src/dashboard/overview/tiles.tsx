import type { z } from "zod";
import type { deploymentFilters, DeploymentStatus } from "#api/deployments.ts";
import type { stats as statsSchema } from "#api/stats.ts";
import { hrefOf } from "#dashboard/app/route.ts";
import { toneOf } from "#dashboard/parts/badge.tsx";
import { plain } from "#dashboard/sagas/words.ts";

const order: readonly DeploymentStatus[] = [
  "active",
  "provisioning",
  "pending",
  "deprovisioning",
  "cancelled",
  "terminated",
];

/** How many deployments there are in each status; each opens the list of them. Stuck and degraded are beside them. */
export function Tiles({ stats }: { readonly stats: z.infer<typeof statsSchema> }) {
  return (
    <ul className="tiles" aria-label="Deployments by status">
      <Tile status="stuck" count={stats.stuck_deployments} />
      <li>
        <a
          className={`tile ${stats.degraded_deployments === 0 ? "quiet" : "bad"}`}
          href={hrefOf(["deployments"], { condition: "any" })}
        >
          <b>{stats.degraded_deployments.toLocaleString()}</b>
          <span>Degraded</span>
        </a>
      </li>
      {order.map((status) => (
        <Tile key={status} status={status} count={stats.deployments[status]} />
      ))}
    </ul>
  );
}

function Tile({ status, count }: { readonly status: (typeof deploymentFilters)[number]; readonly count: number }) {
  const tone = status === "stuck" && count === 0 ? "quiet" : toneOf(status);
  return (
    <li>
      <a className={`tile ${tone}`} href={hrefOf(["deployments"], { status })}>
        <b>{count.toLocaleString()}</b>
        <span>{plain(status)}</span>
      </a>
    </li>
  );
}
