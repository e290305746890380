import type { z } from "zod";
import type { DeploymentStatus } from "#api/deployments.ts";
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

/** How many deployments there are in each status; each opens the list of them. */
export function Tiles({ stats }: { readonly stats: z.infer<typeof statsSchema> }) {
  return (
    <ul className="tiles" aria-label="Deployments by status">
      {order.map((status) => (
        <li key={status}>
          <a className={`tile ${toneOf(status)}`} href={hrefOf(["deployments"], { status })}>
            <b>{stats.deployments[status].toLocaleString()}</b>
            <span>{plain(status)}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}
