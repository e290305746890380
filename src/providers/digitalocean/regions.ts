import { z } from "zod";
import type { Call } from "./call.ts";
import type { Listing, ListPaginated } from "./pages.ts";

/** `sizes` holds the slugs that can be had there now; `features` what is offered beside: `storage` is volumes. */
const region = z.object({
  slug: z.string(),
  name: z.string(),
  available: z.boolean(),
  sizes: z.array(z.string()),
  features: z.array(z.string()).optional(),
});

export type Region = Readonly<z.output<typeof region>>;

export interface Regions {
  list(call: Call): Promise<Listing<Region>>;
}

export function createRegions(listPaginated: ListPaginated): Regions {
  return {
    list: (call) =>
      listPaginated(
        "/v2/regions",
        { key: "regions", schema: region, identity: (it) => it.slug, oddItem: () => "leave out" },
        call,
      ),
  };
}
