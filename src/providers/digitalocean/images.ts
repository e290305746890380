import { z } from "zod";
import type { Call } from "./call.ts";
import type { Listing, ListPaginated } from "./pages.ts";

const text = z
  .string()
  .nullish()
  .transform((it) => it ?? "");

/** Nothing but its id is required; an empty slug is none. */
const image = z.object({
  id: z.int(),
  slug: z
    .string()
    .nullish()
    .transform((slug) => slug || null),
  name: text,
  /** Anybody's; the account's own snapshots, backups and uploads are not. */
  public: z
    .boolean()
    .nullish()
    .transform((it) => it ?? undefined),
  distribution: text,
  regions: z
    .array(z.string())
    .nullish()
    .transform((regions) => regions ?? []),
  status: z
    .string()
    .nullish()
    .transform((status) => status ?? null),
  /** GiB: the smallest disk it fits on. */
  min_disk_size: z
    .number()
    .nullish()
    .transform((size) => size ?? null),
});

export type Image = Readonly<z.output<typeof image>>;

export interface Images {
  /** All that a droplet can be made of: operating systems, applications, and the account's own snapshots. */
  list(call: Call): Promise<Listing<Image>>;
}

export function createImages(listPaginated: ListPaginated): Images {
  return {
    list: (call) =>
      listPaginated(
        "/v2/images",
        { key: "images", schema: image, identity: (it) => it.id, oddItem: () => "leave out" },
        call,
      ),
  };
}
