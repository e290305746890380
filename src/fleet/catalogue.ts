import { sql } from "kysely";
import type { Clock } from "#clock.ts";
import type { Db } from "#db/connection.ts";
import { transact } from "#db/transact.ts";
import type { Call } from "#providers/digitalocean/call.ts";
import type { DigitalOcean } from "#providers/digitalocean/client.ts";

/** Reads regions, sizes and images into the database, so that the API can refuse an unknown one by itself. */
export async function readCatalogue(
  { db, clock, digitalOcean }: { db: Db; clock: Clock; digitalOcean: DigitalOcean },
  signal: AbortSignal,
): Promise<void> {
  const call: Call = { priority: "sync", signal };
  const regions = await digitalOcean.regions.list(call);
  const sizes = await digitalOcean.sizes.list(call);
  const images = await digitalOcean.images.list(call);
  // What cannot be read does not count as gone: until it can, all of its kind that was read before stays.
  const partly = Object.entries({ region: regions, size: sizes, image: images })
    .filter(([, { unreadable }]) => unreadable.length > 0)
    .map(([kind]) => kind);
  const rows = [
    ...regions.items.map((data) => ({ kind: "region", slug: data.slug, data })),
    ...sizes.items.map((data) => ({ kind: "size", slug: data.slug, data })),
    ...images.items.map((data) => ({ kind: "image", slug: data.slug ?? `${data.id}`, data })),
  ];
  await transact(db, async (tx) => {
    await sql`
      delete from catalogue where kind <> all (${partly}) or (kind, slug) in (
        select it ->> 'kind', it ->> 'slug' from jsonb_array_elements(${JSON.stringify(rows)}::jsonb) it)
    `.execute(tx);
    // One parameter, however many snapshots there are; and two of one name are asked for as one.
    await sql`
      insert into catalogue (kind, slug, data)
      select it ->> 'kind', it ->> 'slug', it -> 'data' from jsonb_array_elements(${JSON.stringify(rows)}::jsonb) it
      on conflict (kind, slug) do nothing
    `.execute(tx);
    await tx.updateTable("provider").set({ catalogue_read_at: clock.now() }).execute();
  });
}
