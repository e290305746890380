import { z } from "zod";
import type { Db, Tx } from "#db/connection.ts";
import type { RefusalFault } from "#refusal.ts";
import { findEntry, isCatalogueEmpty, isImageAllowed } from "./queries.ts";

/** What a droplet is asked to be; what is undefined is not checked. */
export interface Specification {
  readonly region?: string | undefined;
  readonly size_slug?: string | undefined;
  readonly image?: string | undefined;
  /** Beside the droplet, where the region offers volumes. */
  readonly volume?: object | null | undefined;
}

const regionEntry = z.looseObject({
  available: z.boolean().default(true),
  features: z.array(z.string()).optional(),
});
const sizeEntry = z.looseObject({
  available: z.boolean().default(true),
  regions: z.array(z.string()).optional(),
  disk: z.number().optional(),
  price_monthly: z.number().optional(),
});
const imageEntry = z.looseObject({
  regions: z.array(z.string()).optional(),
  min_disk_size: z.number().nullish(),
  slug: z.string().nullish(),
});

/** What the catalogue tells of a size; undefined when it does not have it. */
export async function sizeOf(db: Db | Tx, slug: string) {
  const row = await findEntry(db, "size", slug);
  return row && sizeEntry.parse(row.data);
}

/** What the catalogue tells of an image, by its slug or id; undefined when it does not have it. */
export async function imageOf(db: Db | Tx, name: string) {
  const row = await findEntry(db, "image", name);
  return row && imageEntry.parse(row.data);
}

/**
 * Every fault of a specification by the provider's catalogue; none as long as no worker has read the catalogue, but what
 * may be private.
 * @param tenantId whose token asks: private images of others are not there for it; null: the whole account's are there
 */
export async function checkSpecification(
  db: Db | Tx,
  asked: Specification,
  tenantId: string | null,
): Promise<RefusalFault[]> {
  if (await isCatalogueEmpty(db)) return unreadFaults(db, asked, tenantId);
  const faults: RefusalFault[] = [];
  const read = async <Entry>(
    kind: "region" | "size" | "image",
    path: string,
    name: string | undefined,
    schema: z.ZodType<Entry>,
  ): Promise<Entry | undefined> => {
    if (name === undefined) return undefined;
    const row = await findEntry(db, kind, name, tenantId);
    if (!row) faults.push({ path, message: `there is no ${kind} ${name} at the provider` });
    return row && schema.parse(row.data);
  };
  const region = await read("region", "region", asked.region, regionEntry);
  const size = await read("size", "size_slug", asked.size_slug, sizeEntry);
  const image = await read("image", "image", asked.image, imageEntry);
  const lacks = (regions: readonly string[] | undefined) =>
    region !== undefined && regions !== undefined && !regions.includes(asked.region ?? "");

  if (region && !region.available)
    faults.push({ path: "region", message: `region ${asked.region} takes no new droplets` });
  if (size && !size.available) faults.push({ path: "size_slug", message: `size ${asked.size_slug} is not available` });
  else if (lacks(size?.regions))
    faults.push({ path: "size_slug", message: `size ${asked.size_slug} is not available in ${asked.region}` });
  if (lacks(image?.regions))
    faults.push({ path: "image", message: `image ${asked.image} is not available in ${asked.region}` });
  if (asked.volume && region?.features?.includes("storage") === false)
    faults.push({ path: "volume", message: `region ${asked.region} offers no volumes` });
  const needed = image?.min_disk_size ?? 0;
  if (size?.disk !== undefined && needed > size.disk)
    faults.push({
      path: "size_slug",
      message: `image ${asked.image} needs a disk of ${needed} GB, this has ${size.disk}`,
    });
  return faults;
}

async function unreadFaults(db: Db | Tx, { image }: Specification, tenantId: string | null): Promise<RefusalFault[]> {
  if (image === undefined || tenantId === null || (await isImageAllowed(db, image, tenantId))) return [];
  const message = `the provider's images have not been read yet: ask again in some minutes, or name a public image by its slug`;
  return [{ path: "image", message }];
}
