import type { Tx } from "#db/connection.ts";
import { lockResource } from "#inventory/queries.ts";
import { type SeenDroplet, sightingOf } from "#inventory/sightings.ts";
import { Refusal, refuseFaults } from "#refusal.ts";
import { dropletKind, foreignMark } from "#resources/kinds/droplet-handle.ts";
import { liveRow } from "#resources/rows.ts";
import { liveSagaOfDroplet } from "#saga-queries/queries.ts";

/** A droplet that nobody answers for, with all that has to be known of it. */
export interface Adoptable {
  readonly provider_id: number;
  readonly name: string;
  readonly region: string;
  readonly size_slug: string;
  readonly image: string;
  readonly public_ipv4: string;
}

type Known = Pick<SeenDroplet, "name" | "status" | "region" | "size_slug" | "image" | "public_ipv4" | "tags">;

/**
 * The droplet as it was last seen; its row of the inventory is locked.
 * @throws {Refusal} `not_found`, `droplet_deleted`, `droplet_in_use`, `validation_failed` when it cannot serve as it is
 */
export async function adoptableDroplet(tx: Tx, id: number): Promise<Adoptable> {
  const row = await lockResource(tx, id);
  if (row?.deleted_at)
    throw new Refusal("droplet_deleted", `Droplet ${id} was deleted at ${row.deleted_at.toISOString()}`);
  const known: Known | undefined = row ?? (await sightingOf(tx, id))?.droplet;
  if (!known)
    throw new Refusal(
      "not_found",
      `There is no droplet ${id} in the inventory: run arcadia inventory sync if it is younger, then ask again`,
    );
  const owner = await ownerOf(tx, id, known);
  if (owner) throw new Refusal("droplet_in_use", `Droplet ${id} (${known.name}) is ${owner}; nothing was done`);
  const { name, status, region, size_slug, image, public_ipv4 } = known;
  const path = "provider_id";
  if (status !== "active")
    refuseFaults([{ path, message: `droplet ${id} is ${status}: ${remedyOf(status)}, sync, then ask again` }]);
  if (region === null || size_slug === null || image === null || public_ipv4 === null)
    throw refused(path, `droplet ${id} shows no region, size, image or public IPv4 address`);
  return { provider_id: id, name, region, size_slug, image, public_ipv4 };
}

const remedyOf = (status: string): string => (status === "new" ? "wait until it has started" : "turn it on");

const refused = (path: string, message: string): Refusal =>
  new Refusal("validation_failed", `Nothing was changed. ${path}: ${message}`, { faults: [{ path, message }] });

async function ownerOf(tx: Tx, id: number, known: Known): Promise<string | undefined> {
  const saga = await liveSagaOfDroplet(tx, id);
  if (saga) return `in the hands of saga ${saga}`;
  const held = await liveRow(tx, dropletKind, String(id));
  if (held)
    return held.deployment_id ? `deployment ${held.deployment_id}'s` : `ours already, made by saga ${held.begun_by}`;
  const installation = await tx.selectFrom("installation").select("id").executeTakeFirst();
  const mark = foreignMark(known, installation?.id);
  return mark && `marked as a saga's or another installation's: it carries the tag ${mark}`;
}
