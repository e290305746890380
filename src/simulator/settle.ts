import type { Account, Droplet } from "./account-state.ts";
import { settleAction } from "./action-effects.ts";
import { settleBackups } from "./backups.ts";

/** Brings a droplet up to now: the action whose time has come takes hold, and backups are taken. */
export function settle(account: Account, droplet: Droplet, now: number): void {
  settleAction(account, droplet, now);
  settleBackups(account, droplet, now);
}

/** For whoever looks at what droplets leave behind: images. */
export function settleAll(account: Account, now: number): void {
  for (const droplet of account.droplets.values()) settle(account, droplet, now);
}
