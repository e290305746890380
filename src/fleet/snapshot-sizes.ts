import type { Db } from "#db/connection.ts";
import type { DigitalOcean } from "#providers/digitalocean/client.ts";
import { noteSizes, withoutSize } from "#snapshots/queries.ts";
import { listingCall } from "./listing-call.ts";

/** What snapshots hold, by which they are billed: told once they are done, and asked for only where it is not known. */
export async function readSnapshotSizes(
  { db, digitalOcean }: { readonly db: Db; readonly digitalOcean: DigitalOcean },
  signal: AbortSignal,
): Promise<void> {
  const call = listingCall(signal);
  for (const kind of await withoutSize(db)) {
    const { items } = await digitalOcean.snapshots.list(kind === "snapshot" ? "droplet" : "volume", call);
    await noteSizes(
      db,
      kind,
      items.flatMap(({ id, size_gigabytes: gib }) => (gib === null ? [] : { id, gib })),
    );
  }
}
