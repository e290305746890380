import { z } from "zod";
import type { Call } from "./call.ts";
import { optional, orLeftOut } from "./lenient.ts";
import type { Listing, ListPaginated } from "./pages.ts";

const text = optional(z.string()).transform((it) => it ?? "");

/** Nothing but its id is required; an empty slug is none. */
const image = z.object({
  id: z.int(),
  slug: optional(z.string()).transform((slug) => slug || null),
  name: text,
  /** Anybody's; the account's own snapshots, backups and uploads are not. */
  public: z
    .boolean()
    .nullish()
    .transform((it) => it ?? undefined),
  distribution: text,
  regions: orLeftOut(z.array(z.string())),
  status: optional(z.string()).transform((status) => status ?? null),
  /** GiB: the smallest disk it fits on. */
  min_disk_size: optional(z.number()).transform((size) => size ?? null),
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
        { key: "images", schema: image, identity: (it) => it.id, oddItem: () => "tell" },
        call,
      ),
  };
}
