import { z } from "zod";
import type { Account, Droplet } from "./account-state.ts";
import { settleAction } from "./action-effects.ts";
import { statusOf } from "./droplet-view.ts";
import { jsonAnswer, type SimulatorAnswer } from "./exchange.ts";
import { publicAddress } from "./networks.ts";

/** How the app on a droplet does. `never`: it does not start, whatever time passes. */
const states = ["well", "sick", "slow", "never"] as const;

const ruleShape = z.strictObject({
  /** Which ones: without either, all. */
  droplet_id: z.number().int().optional(),
  release: z.string().optional(),
  state: z.enum(states),
  /** How long a slow one takes to answer. */
  delay_ms: z.number().int().min(0).max(3_600_000).default(30_000),
});
type Rule = z.output<typeof ruleShape>;

/** What whoever connects to an address meets: nothing, a refusal, or an app that answers after a while. */
export type Reached = "unroutable" | "refused" | { status: number; body: string; delayMs: number };

/** While these go on, a droplet is said to be active all the time, and nothing runs on it. */
const bootsAnew = new Set(["rebuild", "restore", "reboot", "power_cycle"]);

/** The apps on the droplets, which a network of addresses leads to. What is made of them is forgotten at a restart. */
export class Apps {
  #rules: Rule[] = [];

  readonly #accounts: () => Iterable<Account>;
  readonly #appStartMs: () => number;

  constructor(accounts: () => Iterable<Account>, appStartMs: () => number) {
    this.#accounts = accounts;
    this.#appStartMs = appStartMs;
  }

  reset = (): void => {
    this.#rules = [];
  };

  /** By a droplet's own public address, or a reserved one that leads to it. */
  reach(address: string, now: number): Reached {
    for (const account of this.#accounts())
      for (const droplet of account.droplets.values()) {
        if (droplet.deletion || !leadsTo(account, droplet, address)) continue;
        settleAction(account, droplet, now);
        return this.#answer(account, droplet, now);
      }
    return "unroutable";
  }

  #answer(account: Account, droplet: Droplet, now: number): Reached {
    if (statusOf(droplet, now) !== "active" || !droplet.publicNetworking) return "unroutable";
    if (bootsAnew.has(account.actions.get(droplet.pendingAction ?? 0)?.type ?? "")) return "unroutable";
    const { state, delay_ms: delayMs } = this.#ruleOf(droplet);
    const body = `${droplet.app ?? ""}\n`;
    if (state === "never" || now < (droplet.bootedAt ?? droplet.activeAt) + this.#appStartMs()) return "refused";
    return { status: state === "sick" ? 500 : 200, body, delayMs: state === "slow" ? delayMs : 0 };
  }

  /** The newest that fits it. */
  #ruleOf({ id, app }: Droplet): Rule {
    const fits = (it: Rule): boolean =>
      (it.droplet_id === undefined || it.droplet_id === id) && (it.release === undefined || it.release === app);
    return this.#rules.findLast(fits) ?? { state: "well", delay_ms: 0 };
  }

  /** GET /_sim/apps */
  list(now: number): SimulatorAnswer {
    const live = [...this.#accounts()].flatMap((account) =>
      [...account.droplets.values()].filter((it) => !it.deletion).map((droplet) => ({ account, droplet })),
    );
    const apps = live.map(({ account, droplet }) => ({
      droplet_id: droplet.id,
      address: publicAddress(droplet.address),
      release: droplet.app,
      state: this.#ruleOf(droplet).state,
      answers: told(this.#answer(account, droplet, now)),
    }));
    return jsonAnswer(200, { apps });
  }

  /** POST /_sim/apps: from now on. */
  change(sent: unknown): SimulatorAnswer {
    const rule = ruleShape.safeParse(sent);
    if (!rule.success) return jsonAnswer(422, { id: "unprocessable_entity", message: z.prettifyError(rule.error) });
    this.#rules.push(rule.data);
    return jsonAnswer(201, rule.data);
  }
}

const told = (reached: Reached): string | number => (typeof reached === "string" ? reached : reached.status);

const leadsTo = (account: Account, droplet: Droplet, address: string): boolean =>
  publicAddress(droplet.address) === address || account.reservedIps.get(address)?.dropletId === droplet.id;

const name = /^ARCADIA_RELEASE="?([A-Za-z0-9._-]*)/m;
const saysBase64 = /base64\r?$/m;
const base64 = /^[A-Za-z0-9+/=\r\n]*/;

/** The release that user_data tells its droplet of, where it does; a part may be in Base64. */
export function appOf(userData: string | undefined): string | null {
  if (userData === undefined) return null;
  const blocks = userData.split(/\n\r?\n/);
  const decoded = blocks
    .filter((_, index) => saysBase64.test(blocks[index - 1] ?? ""))
    .map((text) => Buffer.from(base64.exec(text)?.[0] ?? "", "base64").toString());
  for (const text of [userData, ...decoded]) {
    const [, found] = name.exec(text) ?? [];
    if (found !== undefined) return found;
  }
  return null;
}
