import type { Account } from "./account-state.ts";
import { chance, seededUuid } from "./chance.ts";
import { holdings } from "./holdings.ts";
import { newZone } from "./zones.ts";

/** Ids and addresses are given out once, whoever owns what has them: each account has a range of its own. */
const idsEach = 50_000_000;
const addressesEach = 20_000;

/** An account that nobody has used yet, the one of that number at its provider, with nothing in it. */
export const emptyAccount = (seed: number, number: number, now: number): Account => ({
  uuid: seededUuid(seed, "account"),
  seed,
  nextId: 500_000_000 + number * 2 * idsEach + Math.floor(chance(seed, "first id") * idsEach),
  nextAddress: number * addressesEach,
  freeAddresses: [],
  strangers: [],
  createdTotal: 0,
  destroyedTotal: 0,
  droplets: new Map(),
  actions: new Map(),
  zones: new Map(),
  tags: new Map(),
  ...holdings(seed + number, now),
});

/** The account of the token that needs no explanation: its zone, and nothing else. */
export function newAccount(seed: number, domain: string, now: number): Account {
  const account = emptyAccount(seed, 0, now);
  newZone(account, domain, now);
  return account;
}

/** As at the start: the same account uuid, and no id is given out a second time. */
export function resetAccount(account: Account, domain: string, now: number): void {
  clearAccount(account, 0, now);
  account.nextAddress = 0;
  newZone(account, domain, now);
}

/** As {@link emptyAccount} made it under that number, but ids and addresses go on where they were. */
export function clearAccount(account: Account, number: number, now: number): void {
  account.freeAddresses = [];
  account.strangers = [];
  account.createdTotal = 0;
  account.destroyedTotal = 0;
  for (const part of [account.droplets, account.actions, account.zones, account.tags]) part.clear();
  Object.assign(account, holdings(account.seed + number, now));
}
