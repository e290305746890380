import { z } from "zod";
import type { Call } from "./call.ts";
import { orLeftOut } from "./lenient.ts";
import type { Listing, ListPaginated } from "./pages.ts";

const size = z.object({
  slug: z.string().min(1),
  available: orLeftOut(z.boolean()),
  regions: orLeftOut(z.array(z.string())),
  /** MiB. */
  memory: orLeftOut(z.number()),
  vcpus: orLeftOut(z.number()),
  /** GiB. */
  disk: orLeftOut(z.number()),
  /** US dollars. */
  price_monthly: orLeftOut(z.number()),
  price_hourly: orLeftOut(z.number()),
});

export type Size = Readonly<z.output<typeof size>>;

export interface Sizes {
  /** One whose slug cannot be read stands in `unreadable`. */
  list(call: Call): Promise<Listing<Size>>;
}

export function createSizes(listPaginated: ListPaginated): Sizes {
  return {
    list: (call) =>
      listPaginated(
        "/v2/sizes",
        { key: "sizes", schema: size, identity: (it) => it.slug, oddItem: () => "tell" },
        call,
      ),
  };
}
