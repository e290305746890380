import { type Owner, usualOwner } from "./access.ts";
import { clearAccount, emptyAccount } from "./account-start.ts";
import type { Account } from "./account-state.ts";
import { seededUuid } from "./chance.ts";

/** Who asks, as GET /v2/account tells it. */
export interface Identity {
  user: string;
  team: { uuid: string; name: string } | null;
}

/**
 * The accounts of one provider: a team's, or a user's own. Nothing of one is seen with a token of another; one user may
 * have several, and a team several users.
 */
export class Accounts {
  readonly main: Account;
  readonly #others: Map<string, Account>;

  readonly #now: () => number;

  constructor(main: Account, now: () => number, others: ReadonlyMap<string, Account> = new Map()) {
    this.main = main;
    this.#now = now;
    this.#others = new Map(others);
  }

  /** What belongs to the owner's team; made when it is first asked for, with nothing in it. */
  of(owner: Owner): Account {
    const key = keyOf(owner);
    if (key === keyOf(usualOwner)) return this.main;
    const known = this.#others.get(key);
    if (known) return known;
    const made = emptyAccount(this.main.seed, this.#others.size + 1, this.#now());
    this.#others.set(key, made);
    return made;
  }

  /** By the name of its team. */
  ofTeam = (team: string): Account => this.of({ user: "", team });

  identityOf({ user, team }: Owner): Identity {
    const { seed, uuid } = this.main;
    return {
      user: user === usualOwner.user ? uuid : seededUuid(seed, `user ${user}`),
      team: team === null ? null : { uuid: seededUuid(seed, `team ${team}`), name: team },
    };
  }

  others = (): ReadonlyMap<string, Account> => this.#others;

  clearOthers = (): void =>
    [...this.#others.values()].forEach((account, index) => clearAccount(account, index + 1, this.#now()));
}

const keyOf = ({ user, team }: Owner): string => (team === null ? `user ${user}` : `team ${team}`);
