import { z } from "zod";
import type { Call } from "./call.ts";
import { orLeftOut } from "./lenient.ts";
import type { Listing, ListPaginated } from "./pages.ts";

/** `sizes` holds the slugs that can be had there now; `features` what is offered beside: `storage` is volumes. */
const region = z.object({
  slug: z.string().min(1),
  name: orLeftOut(z.string()),
  available: orLeftOut(z.boolean()),
  sizes: orLeftOut(z.array(z.string())),
  features: orLeftOut(z.array(z.string())),
});

export type Region = Readonly<z.output<typeof region>>;

export interface Regions {
  /** One whose slug cannot be read stands in `unreadable`. */
  list(call: Call): Promise<Listing<Region>>;
}

export function createRegions(listPaginated: ListPaginated): Regions {
  return {
    list: (call) =>
      listPaginated(
        "/v2/regions",
        { key: "regions", schema: region, identity: (it) => it.slug, oddItem: () => "tell" },
        call,
      ),
  };
}
