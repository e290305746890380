import { after, type Clock } from "#clock.ts";
import type { Db, Tx } from "#db/connection.ts";
import { transact } from "#db/transact.ts";
import { unassignedMonthlyUsd } from "#costs/reserved-ip.ts";
import { type AbsenceRow, countProven, listAbsences, noteAbsence, noteMissed } from "#deployments/absences.ts";
import { raiseCondition } from "#deployments/conditions.ts";
import type { Ids } from "#ids.ts";
import type { Log } from "#log.ts";
import { raiseProblem, solveProblem } from "#provider/problems.ts";
import type { Call } from "#providers/digitalocean/call.ts";
import type { DigitalOcean } from "#providers/digitalocean/client.ts";
import { mayBeAmong } from "#providers/digitalocean/droplets.ts";
import { DigitalOceanError } from "#providers/digitalocean/errors.ts";
import type { Listing } from "#providers/digitalocean/pages.ts";
import { believedThere, type Observed } from "./observed.ts";
import { isGoneForGood, type Witness } from "./prove-gone.ts";

/** How many deployments may lose their droplet within an hour until it is no accident of one of them, at least. */
const fewest = 2;
/** And which share of those that are active. */
const share = 0.02;
const hourMs = 3_600_000;
/** How many listings in a row have to miss a droplet, however short the time that its absence has to last (rule 17). */
const looksAtLeast = 2;

export const massDisappearance = "mass_disappearance";

export interface AbsencesOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly digitalOcean: DigitalOcean;
  readonly installId: string;
  /** How long a droplet has to be absent until it is gone. Milliseconds. */
  readonly goneMs: number;
}

/** What a listing of the account has shown. */
export interface Account {
  readonly items: readonly { readonly id: number }[];
  readonly unreadable: Listing<unknown>["unreadable"];
  readonly begunAt: Date;
}

/**
 * What a listing of the account says of deployments whose droplet it does not show: it adds to the proof, which takes
 * looks for `goneMs`, each with a witness, and then the provider's word by id, with the account and a witness asked anew.
 * Too many at once are no proof, but a provider that lies or a hand that slipped: nothing is done, a human is called.
 */
export async function examineAbsent(
  options: AbsencesOptions,
  absent: readonly Observed[],
  account: Account,
  call: Call,
): Promise<void> {
  const { db, clock } = options;
  const missed = absent.filter((it) => !mayBeAmong(account.unreadable, it.provider_id));
  const witnesses = missed.length === 0 ? undefined : await witnessesFor(db, missed, account);
  if (missed.length > 0)
    await transact(db, (tx) =>
      noteMissed(
        tx,
        missed.map(({ deployment_id, provider_id }) => ({
          deployment_id,
          provider_id,
          isWitnessed: witnesses?.get(provider_id) !== undefined,
        })),
        account.begunAt,
      ),
    );
  const known = await listAbsences(db);
  await holdMany(options, known);
  if (missed.length === 0) return;
  const due = after(account.begunAt, -options.goneMs);
  const byId = new Map(missed.map((it) => [it.deployment_id, it]));
  for (const row of await listAbsences(db)) {
    const it = byId.get(row.deployment_id);
    if (!it || row.proven_at || row.looks < looksAtLeast || row.returned_at) continue;
    if (row.held) {
      if (row.since <= due) await tell(options, it, row, "held");
      continue;
    }
    const witness = witnesses?.get(it.provider_id);
    if (witness === undefined || !row.witnessed_since || row.witnessed_since > due) continue;
    if (!(await isProven(options, it.provider_id, witness, call))) continue;
    await transact(db, async (tx) => {
      const at = clock.now();
      if (await noteAbsence(tx, it.deployment_id, { proven_at: at })) await raise(options, tx, it, row, "gone", at);
    });
    options.log.error(
      { deployment_id: it.deployment_id, droplet_id: it.provider_id, since: row.since },
      "The droplet of a deployment is gone from the account, and no saga of ours destroyed it",
    );
  }
}

/** What cannot be asked now is not known, and asked again at the next look. */
async function isProven(options: AbsencesOptions, id: number, witness: Witness, call: Call): Promise<boolean> {
  try {
    return await isGoneForGood(options, id, witness, call);
  } catch (error) {
    if (!(error instanceof DigitalOceanError) || error.reason === "aborted") throw error;
    options.log.warn({ err: error, droplet_id: id }, "Whether a droplet is gone could not be asked; it is asked again");
    return false;
  }
}

/**
 * For each of those that are missed: another droplet that should be there, of the same region where there is one, and that
 * is shown. Where this database knows of no other at all, our tag has to tell how many droplets carry it.
 */
async function witnessesFor(
  db: Db,
  missed: readonly Observed[],
  { items }: Account,
): Promise<ReadonlyMap<number, Witness>> {
  const shown = new Set(items.map(({ id }) => id));
  const believed = await believedThere(db);
  const witnesses = missed.flatMap(({ provider_id, region }): [number, Witness][] => {
    const others = believed.filter(({ id }) => id !== provider_id);
    const near = others.filter((it) => it.region === region);
    const witness = (near.length > 0 ? near : others).find(({ id }) => shown.has(id));
    if (witness) return [[provider_id, witness.id]];
    return others.length === 0 ? [[provider_id, "our tag"]] : [];
  });
  return new Map(witnesses);
}

/** Finds out whether more have disappeared than may, and keeps what is held from being acted on. */
async function holdMany({ db, clock, log }: AbsencesOptions, all: readonly AbsenceRow[]): Promise<void> {
  const hourAgo = after(clock.now(), -hourMs);
  const missing = all.filter((row) => row.returned_at === null);
  const suspected = missing.filter((row) => !row.proven_at && !row.held && row.looks >= looksAtLeast);
  const held = missing.filter((row) => row.held);
  if (suspected.length + held.length === 0) {
    if (await transact(db, (tx) => solveProblem(tx, massDisappearance)))
      log.info("The droplets that had disappeared together are back, or their deployments are removed");
    return;
  }
  const { proven, active } = await countProven(db, hourAgo);
  const recent = held.filter((row) => row.since > hourAgo && !row.proven_at).length;
  const isMany = suspected.length + recent + proven > Math.max(fewest, active * share);
  // Not one of its region is shown that should be: a part of the account is hidden from us.
  const isBlind = suspected.some((row) => row.looks > looksAtLeast && row.witnessed_since === null);
  if (!isMany && !isBlind && held.length === 0) return;
  const those = isMany || isBlind ? [...held, ...suspected] : held;
  await transact(db, async (tx) => {
    for (const { deployment_id } of those) await noteAbsence(tx, deployment_id, { held: true });
    const names = await hostnamesOf(tx, those);
    const since = new Date(Math.min(...those.map((row) => row.since.getTime())));
    const rest = names.length > 5 ? ` and ${names.length - 5} more` : "";
    const isNew = await raiseProblem(tx, {
      code: massDisappearance,
      since,
      message:
        `The provider does not show the droplets of ${names.length} of ${active} deployments any more: ` +
        `${names.slice(0, 5).join(", ")}${rest}. That many do not disappear by accident: nothing was touched`,
      remedy:
        "Look into the provider's panel and its status page. What is shown again goes on by itself; what is really gone " +
        "has to be destroyed here, and deployed again: until then its hostname leads to an address that may be a stranger's",
    });
    if (isNew) log.error({ deployments: names.length, of: active }, "Mass disappearance: nothing is touched");
  });
}

async function hostnamesOf(tx: Tx, rows: readonly AbsenceRow[]): Promise<string[]> {
  const ids = rows.map((row) => row.deployment_id);
  const found = await tx
    .selectFrom("deployments")
    .select("hostname")
    .where("id", "in", ids)
    .orderBy("hostname")
    .execute();
  return found.map((row) => row.hostname);
}

const tell = (options: AbsencesOptions, it: Observed, row: AbsenceRow, how: "held"): Promise<void> =>
  transact(options.db, (tx) => raise(options, tx, it, row, how, options.clock.now()));

function raise(
  { ids }: AbsencesOptions,
  tx: Tx,
  it: Observed,
  row: AbsenceRow,
  how: "gone" | "held",
  at: Date,
): Promise<void> {
  const { deployment_id, provider_id, hostname, public_ipv4: address, reserved_ip: isReserved } = it;
  const since = row.since.toISOString();
  const message = {
    gone:
      `Droplet ${provider_id} is gone from the account since ${since}, and no saga of ours destroyed it. ` +
      (isReserved
        ? `${hostname} leads to its reserved IP, which stays ours, where nobody answers, and which costs ` +
          `$${unassignedMonthlyUsd} a month until the deployment is repaired`
        : `Its address ${address ?? ""} may be given to a stranger: ${hostname} is led nowhere until the droplet is back`),
    held:
      `The provider does not show droplet ${provider_id} since ${since}. So many disappeared together that nothing was ` +
      `touched: ${hostname} still leads to ${isReserved ? "its reserved IP" : (address ?? "its address")}`,
  }[how];
  const remedy =
    "Repair the deployment, which makes a new droplet, or destroy it, unless the droplet comes back; its data is as your backups have it";
  return raiseCondition(tx, ids, "droplet", { deployment_id, code: "droplet_gone", message, remedy }, at);
}
