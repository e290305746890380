import { z } from "zod";
import type { Call } from "./call.ts";
import type { Listing, ListPaginated } from "./pages.ts";

const size = z.object({
  slug: z.string(),
  available: z.boolean(),
  regions: z.array(z.string()),
  /** MiB. */
  memory: z.number(),
  vcpus: z.number(),
  /** GiB. */
  disk: z.number(),
  /** US dollars. */
  price_monthly: z.number(),
  price_hourly: z.number(),
});

export type Size = Readonly<z.output<typeof size>>;

export interface Sizes {
  list(call: Call): Promise<Listing<Size>>;
}

export function createSizes(listPaginated: ListPaginated): Sizes {
  return {
    list: (call) =>
      listPaginated(
        "/v2/sizes",
        { key: "sizes", schema: size, identity: (it) => it.slug, oddItem: () => "leave out" },
        call,
      ),
  };
}
