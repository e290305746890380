import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { type ApiClient, client } from "./client.ts";
import { type Dice, dice } from "./dice.ts";
import type { Installation } from "./installation.ts";

const made = z.object({ id: z.uuid() });
const shown = z.object({
  id: z.uuid(),
  status: z.string(),
  power: z.string(),
  saga: z.object({ status: z.string() }).nullable(),
});
const page = z.object({ items: z.array(shown), next_cursor: z.string().nullable() });
type Shown = z.infer<typeof shown>;
const snapshots = z.object({ items: z.array(z.object({ id: z.uuid() })) });

/** Secrets that must turn up nowhere. */
export const plantedUserData = "#cloud-config planted-user-data-7f3a";

export interface Load {
  readonly deployments: number;
  readonly seed: number;
  /** Over how long they are asked for. Milliseconds. */
  readonly spreadMs: number;
  /** When nothing more is asked for. */
  readonly until: Date;
  readonly signal: AbortSignal;
}

/** How often what was asked for, and how often it was refused, which a deployment that is not as it was hoped is free to. */
export type Asked = Record<string, number>;

type Operation = readonly [name: string, body: object];
const keep_snapshot_days = 1;
const whenOn: readonly [Operation, ...Operation[]] = [
  ["resize", { size_slug: "s-1vcpu-2gb" }],
  ["resize", { size_slug: "s-2vcpu-2gb" }],
  ["snapshot", { keep_snapshot_days }],
  ["suspend", {}],
  ["rebuild", { image: "debian-13-x64", keep_snapshot_days }],
  ["restore", { keep_snapshot_days }],
];
const whenOff: readonly [Operation, ...Operation[]] = [
  ["unsuspend", {}],
  ["unsuspend", {}],
  ["resize", { size_slug: "s-2vcpu-2gb" }],
];

/** Asks for deployments, and for what else can be asked of them; returns when all was asked. */
export async function load(installation: Installation, options: Load): Promise<Asked> {
  const { deployments, seed, spreadMs, until, signal } = options;
  const call = client(installation, signal);
  const asked: Asked = {};
  const note = (what: string) => void (asked[what] = (asked[what] ?? 0) + 1);
  const tenant = made.parse((await call("POST", "/v1/tenants", { slug: "storm", name: "Storm" })).body);
  const look = watch(call);
  const lives = Array.from({ length: deployments }, async (_, nth) => {
    const chance = dice(seed, `life ${nth}`);
    await sleep(chance.below(spreadMs), undefined, { signal });
    for (let again = 0; again < 2 && new Date() < until; again++) {
      const name = `storm-${nth}`;
      const spec = { region: "syd1", size_slug: "s-1vcpu-1gb", image: "ubuntu-24-04-x64", user_data: plantedUserData };
      const place = { tenant_id: tenant.id, name, hostname: `${name}.example.com` };
      const answer = await call("POST", "/v1/deployments", { ...spec, ...place, provision: true });
      if (answer.status !== 202) throw new Error(`The API refused: ${JSON.stringify(answer)}`);
      note("deployments");
      const isOver = await live(call, made.parse(answer.body).id, { chance, note, until, look });
      // The name is asked for once more where it is free again.
      if (!isOver) return;
    }
  });
  await Promise.all(lives);
  return asked;
}

/** Between two looks at all deployments, which all lives share: hundreds that each ask for their own keep a small machine busy. */
const pauseMs = 1500;

/** @returns what waits for a look at all deployments that begins after it was called, and gives them by id */
function watch(call: ApiClient): () => Promise<ReadonlyMap<string, Shown>> {
  let next: Promise<ReadonlyMap<string, Shown>> | undefined;
  const look = async (): Promise<ReadonlyMap<string, Shown>> => {
    await sleep(pauseMs);
    // Whoever asks from here on asks for a later one.
    next = undefined;
    const all = new Map<string, Shown>();
    for (let from: string | null = ""; from !== null;) {
      const path = `/v1/deployments?limit=200${from === "" ? "" : `&cursor=${encodeURIComponent(from)}`}`;
      const { items, next_cursor: cursor } = page.parse((await call("GET", path)).body);
      for (const it of items) all.set(it.id, it);
      from = cursor;
    }
    return all;
  };
  return () => (next ??= look());
}

interface Life {
  readonly look: () => Promise<ReadonlyMap<string, Shown>>;
  readonly chance: Dice;
  readonly note: (what: string) => void;
  readonly until: Date;
}

/** @returns whether it has come to its end */
async function live(call: ApiClient, id: string, { chance, note, until, look }: Life): Promise<boolean> {
  const url = `/v1/deployments/${id}`;
  const ask = async (what: string, method: string, path: string, body?: object) => {
    const { status } = await call(method, path, body);
    note(status < 300 ? what : `${what}, refused`);
  };
  /** As it is once no saga of it runs. */
  const rest = async (): Promise<Shown> => {
    for (;;) {
      const it = (await look()).get(id);
      const isBusy = it?.saga && !["completed", "rolled_back", "stuck"].includes(it.saga.status);
      if (it && (!isBusy || new Date() >= until)) return it;
    }
  };
  const mayGoOn = ({ status }: { status: string }) => status === "active" && new Date() < until;
  const operate = async (power: string) => {
    const [name, body] = chance.pick(power === "on" ? whenOn : whenOff);
    if (name !== "restore") return ask(name, "POST", `${url}/${name}`, body);
    const [newest] = snapshots.parse((await call("GET", `${url}/snapshots`)).body).items;
    if (newest) await ask(name, "POST", `${url}/${name}`, { ...body, snapshot: newest.id });
    else await ask("snapshot", "POST", `${url}/snapshot`, body);
  };
  const sort = chance.below(100);
  const laterMs = 500 + chance.below(8000);
  if (sort < 35) await sleep(laterMs);
  if (sort < 15) await ask("cancels", "POST", `${url}/cancel`, {});
  else if (sort < 35) await ask("destroys", "DELETE", url);
  else {
    for (let left = chance.below(5); left > 0; left--) {
      const it = await rest();
      if (!mayGoOn(it)) break;
      await operate(it.power);
      if (chance.chance(0.15)) await ask("cancels", "POST", `${url}/cancel`, {});
    }
    if (chance.chance(0.4) && mayGoOn(await rest())) await ask("destroys", "DELETE", url);
  }
  return ["cancelled", "terminated"].includes((await rest()).status);
}
