import { after } from "#clock.ts";
import { transact } from "#db/transact.ts";
import type { Call } from "#providers/digitalocean/call.ts";
import type { DigitalOcean } from "#providers/digitalocean/client.ts";
import { unlessMissing } from "#providers/digitalocean/errors.ts";
import { mayBeAmong } from "#providers/digitalocean/droplets.ts";
import { accountScope, recordLook } from "#inventory/looks.ts";
import { addUnknown, missing, refresh } from "#inventory/refresh.ts";
import { markDeleted } from "#inventory/registration.ts";
import { atOwnAddress } from "#inventory/own-address.ts";
import { recordSightings, type SeenDroplet } from "#inventory/sightings.ts";
import { closeStray } from "#inventory/strays.ts";
import { installTag } from "#resources/kinds/droplet-handle.ts";
import { droplet as kind } from "#resources/kinds/droplet.ts";
import { recheckAfterMs, recheckLast } from "#resources/rechecks.ts";
import { type AbsencesOptions, examineAbsent } from "./absences.ts";
import { makersOf } from "./saga-of-droplet.ts";
import type { Conditions } from "./conditions.ts";
import type { Strays } from "./strays.ts";
import { listingCall } from "./listing-call.ts";

export interface SyncOptions extends AbsencesOptions {
  readonly conditions: Conditions;
  readonly strays: Strays;
  readonly settleMs: number;
}

/**
 * Brings the inventory up to what the account holds: new droplets, changed ones, and those that are gone, which
 * takes two complete listings and a 404 each (rule 17). A droplet that cannot be read stops nothing; it may be any of
 * those that are not shown, unless its id says otherwise.
 */
export async function syncInventory(options: SyncOptions, signal: AbortSignal): Promise<void> {
  const { db, clock, log } = options;
  const call = listingCall(signal);
  const first = await lookAtAccount(options, call);
  await options.strays.examine(first.items, first.begunAt);

  const suspects = await missing(db, after(first.begunAt, -options.settleMs));
  const shown = new Set(first.items.map((droplet) => droplet.id));
  const isShown = (id: number) => shown.has(id) || mayBeAmong(first.unreadable, id);
  const absent = suspects.filter((row) => !isShown(row.provider_id));
  if (absent.length === 0) return;
  // A provider that answers wrongly does so for a while: the second look keeps its distance.
  await clock.sleep(options.settleMs, signal);
  const second = await lookAtAccount(options, call);
  for (const droplet of second.items) shown.add(droplet.id);
  for (const { provider_id: id, deployment_id } of absent) {
    if (shown.has(id) || mayBeAmong(second.unreadable, id)) continue;
    if (!(await isUnknown(options.digitalOcean, id, call))) continue;
    await transact(db, async (tx) => {
      await markDeleted(tx, id, clock.now());
      await closeStray(tx, id, clock.now());
      // Its tag outlives it.
      await recheckLast(tx, kind.name, String(id), after(clock.now(), recheckAfterMs[2]));
    });
    const facts = { droplet_id: id, deployment_id };
    const what = "A droplet of the inventory is gone from the account, and no saga of ours destroyed it";
    if (deployment_id === null) log.warn(facts, what);
    else log.error(facts, `${what}; what becomes of its deployment's record is seen to as soon as that is proven`);
  }
}

/** One complete listing of the account, and all that it says of the inventory and of deployments. */
export async function lookAtAccount(options: SyncOptions, call: Call) {
  const { db, clock, ids } = options;
  const shown = await options.digitalOcean.droplets.list(undefined, call);
  const listing = { ...shown, items: await atOwnAddress(db, shown.items) };
  const { begunAt } = listing;
  await transact(db, async (tx) => {
    await recordSightings(tx, listing.items, begunAt);
    await refresh(tx, listing.items, begunAt);
    // Droplets of sagas we know are registered by their saga, or are strays: a listing does not insert them.
    const makers = await makersOf(tx, listing.items, after(begunAt, -options.settleMs));
    const unknown = listing.items.filter((droplet) => !makers.has(droplet.id));
    const rows = unknown.map((droplet) => ({ ...droplet, rowId: ids.uuid(), managed: isOurs(options, droplet) }));
    await addUnknown(tx, rows, begunAt);
    const look = { id: ids.uuid(), scope: accountScope, begun_at: begunAt, finished_at: clock.now() };
    await recordLook(tx, { ...look, found: listing.items.length, pages: listing.pages });
  });
  await examineAbsent(options, await options.conditions.droplets(listing), listing, call);
  return listing;
}

const isOurs = ({ installId }: SyncOptions, droplet: SeenDroplet): boolean =>
  droplet.tags.includes(installTag(installId));

const isUnknown = async (digitalOcean: DigitalOcean, id: number, call: Call): Promise<boolean> =>
  (await unlessMissing(digitalOcean.droplets.get(id, call))) === undefined;
