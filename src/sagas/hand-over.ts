import { z } from "zod";
import type { Tx } from "#db/connection.ts";
import type { Ids } from "#ids.ts";
import { type Handle, handleShape, installTag } from "#resources/kinds/droplet-handle.ts";
import { droplet } from "#resources/kinds/droplet.ts";
import { reservedIpKind } from "#resources/kinds/reserved-ip-handle.ts";
import { snapshot } from "#resources/kinds/snapshot.ts";
import { volumeKind, volumeSnapshotKind } from "#resources/kinds/volume-handle.ts";
import { fresh, handOver, nobodys, open } from "#resources/ledger.ts";
import { heldForOwner, liveRow, newestLike, rowOf } from "#resources/rows.ts";
import type { Ended } from "./start.ts";
import { deleteVolume } from "./steps/delete-volume.ts";
import { destroyDroplet } from "./steps/destroy-droplet.ts";
import { releaseReservedIp } from "./steps/release-reserved-ip.ts";
import { removeSnapshot } from "./steps/remove-snapshot.ts";
import { removeDeploymentDns } from "./steps/remove-deployment-dns.ts";
import { removeLeftover } from "./steps/remove-leftover.ts";

/** A droplet that a saga is to destroy. */
export interface Doomed {
  readonly providerId: number;
  /** Its id is enough: an admin wants it gone, whoever made it. */
  readonly unmanaged: boolean;
  readonly name: string | null;
  /** Of the saga whose create it comes from, where it carries one. */
  readonly tag?: string | undefined;
}

/** Which step of its removal answers for what a deployment has. */
const removers: ReadonlyMap<string, string> = new Map([
  ["droplet", destroyDroplet.name],
  ["dns_record", removeDeploymentDns.name],
  [volumeKind, deleteVolume.name],
  [reservedIpKind, releaseReservedIp.name],
]);

/** What outlives its deployment: a snapshot, until it is kept no longer. */
const outlives: ReadonlySet<string> = new Set([snapshot.name, volumeSnapshotKind]);

/** What the deployment has at the provider is its removal's from here on. */
export async function handOverDeployment(tx: Tx, deploymentId: string, sagaId: string): Promise<void> {
  for (const row of await heldForOwner(tx, { deployment_id: deploymentId })) {
    if (outlives.has(row.kind)) continue;
    const step = removers.get(row.kind);
    if (step === undefined) throw new Error(`No step removes a ${row.kind} of deployment ${deploymentId}`);
    await handOver(tx, row, { saga_id: sagaId, step });
  }
}

/**
 * The droplet is the saga's to destroy from here on. One that the ledger does not hold begins there: it came late, after
 * its saga had given it up; or another installation's database made it; or it was never ours.
 */
export async function handOverDroplet(
  tx: Tx,
  it: Doomed,
  saga: { readonly id: string; readonly ids: Ids; readonly now: Date },
): Promise<void> {
  const id = String(it.providerId);
  const to = { saga_id: saga.id, step: destroyDroplet.name };
  const known = await liveRow(tx, droplet.name, id);
  if (known) return handOver(tx, known, { ...to, ...(it.unmanaged && { origin: "taken_over" }) });
  const begins = { ...to, id: saga.ids.uuid(), kind: droplet.name, provider_id: id, phase: "there" } as const;
  const late = it.unmanaged ? undefined : await newestLike(tx, droplet.name, it);
  if (late) {
    const { begun_by, handle } = late;
    return open(
      tx,
      fresh({ ...begins, ...nobodys, begun_by, handle: handleShape.parse(handle), origin: "made" }, saga.now),
    );
  }
  const handle: Handle = { name: it.name ?? "", tag: it.unmanaged ? "" : await ownTag(tx) };
  return open(tx, fresh({ ...begins, handle, origin: it.unmanaged ? "taken_over" : "adopted" }, saga.now));
}

/** The snapshot is the saga's to remove from here on. @param id of its row in the ledger */
export async function handOverSnapshot(tx: Tx, id: string, sagaId: string): Promise<void> {
  const row = await rowOf(tx, id);
  await handOver(tx, row, { saga_id: sagaId, step: removeSnapshot.name });
}

/** What is left under the row's handle is the saga's to remove. */
export async function claimLeftover(
  tx: Tx,
  { kind, handle, begun_by }: Ended,
  id: string,
  saga: { readonly id: string; readonly ids: Ids; readonly now: Date },
): Promise<void> {
  const left = {
    id: saga.ids.uuid(),
    kind,
    handle: z.looseObject({}).parse(handle),
    begun_by,
    provider_id: id,
  } as const;
  const answers = { saga_id: saga.id, step: removeLeftover.name, origin: "made", phase: "there" } as const;
  await open(tx, fresh({ ...left, ...answers }, saga.now));
}

async function ownTag(tx: Tx): Promise<string> {
  const installation = await tx.selectFrom("installation").select("id").executeTakeFirst();
  return installation ? installTag(installation.id) : "";
}
