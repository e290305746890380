import type { Account, Droplet } from "./account-state.ts";
import { dropBackups } from "./backups.ts";

/** What a destroyed droplet lets go of: its backups end, its volumes and reserved addresses are free, and stay. */
export function release(account: Account, droplet: Droplet): void {
  dropBackups(account, droplet);
  for (const volume of account.volumes.values()) if (volume.dropletId === droplet.id) volume.dropletId = null;
  for (const reserved of account.reservedIps.values()) if (reserved.dropletId === droplet.id) reserved.dropletId = null;
  for (const firewall of account.firewalls.values())
    firewall.droplet_ids = firewall.droplet_ids.filter((id) => id !== droplet.id);
  for (const balancer of account.loadBalancers.values())
    balancer.dropletIds = balancer.dropletIds.filter((id) => id !== droplet.id);
  account.projectOf.delete(`do:droplet:${droplet.id}`);
}
