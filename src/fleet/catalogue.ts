import type { Clock } from "#clock.ts";
import type { Db } from "#db/connection.ts";
import { transact } from "#db/transact.ts";
import type { Call } from "#digitalocean/call.ts";
import type { DigitalOcean } from "#digitalocean/client.ts";

/** Reads regions, sizes and images into the database, so that the API can refuse an unknown one by itself. */
export async function readCatalogue(
  { db, clock, digitalOcean }: { db: Db; clock: Clock; digitalOcean: DigitalOcean },
  signal: AbortSignal,
): Promise<void> {
  const call: Call = { priority: "sync", signal };
  const regions = await digitalOcean.regions.list(call);
  const sizes = await digitalOcean.sizes.list(call);
  const images = await digitalOcean.images.list(call);
  const rows = [
    ...regions.items.map((it) => ({ kind: "region" as const, slug: it.slug, data: JSON.stringify(it) })),
    ...sizes.items.map((it) => ({ kind: "size" as const, slug: it.slug, data: JSON.stringify(it) })),
    ...images.items.map((it) => ({ kind: "image" as const, slug: it.slug ?? `${it.id}`, data: JSON.stringify(it) })),
  ];
  await transact(db, async (tx) => {
    await tx.deleteFrom("catalogue").execute();
    if (rows.length > 0) await tx.insertInto("catalogue").values(rows).execute();
    await tx.updateTable("provider").set({ catalogue_read_at: clock.now() }).execute();
  });
}
