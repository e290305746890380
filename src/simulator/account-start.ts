import type { Account } from "./account-state.ts";
import { chance, seededUuid } from "./chance.ts";
import { holdings } from "./holdings.ts";
import { newZone } from "./zones.ts";

/** An account that nobody has used yet: its zone, and nothing else. */
export function newAccount(seed: number, domain: string, now: number): Account {
  const account: Account = {
    uuid: seededUuid(seed, "account"),
    seed,
    nextId: 500_000_000 + Math.floor(chance(seed, "first id") * 50_000_000),
    nextAddress: 0,
    freeAddresses: [],
    createdTotal: 0,
    destroyedTotal: 0,
    droplets: new Map(),
    actions: new Map(),
    zones: new Map(),
    tags: new Map(),
    ...holdings(seed, now),
  };
  newZone(account, domain, now);
  return account;
}

/** As at the start: the same account uuid, and no id is given out a second time. */
export function resetAccount(account: Account, domain: string, now: number): void {
  account.nextAddress = 0;
  account.freeAddresses = [];
  account.createdTotal = 0;
  account.destroyedTotal = 0;
  for (const part of [account.droplets, account.actions, account.zones, account.tags]) part.clear();
  Object.assign(account, holdings(account.seed, now));
  newZone(account, domain, now);
}
