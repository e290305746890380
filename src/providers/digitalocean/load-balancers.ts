import { z } from "zod";
import type { Call } from "./call.ts";
import type { Listing, ListPaginated } from "./pages.ts";

const loadBalancer = z
  .object({
    id: z.string().min(1),
    name: z.string().nullish().catch(null),
    droplet_ids: z.array(z.int()).nullish(),
    tag: z.string().nullish(),
  })
  .transform(({ id, name, droplet_ids: ids, tag }): LoadBalancer => ({
    id,
    name: name ?? "",
    // Where it goes by a tag, those that have the tag are listed too.
    droplet_ids: tag ? [] : (ids ?? []),
    tags: tag ? [tag] : [],
  }));

export interface LoadBalancer {
  readonly id: string;
  readonly name: string;
  /** Those that it names by their ids. */
  readonly droplet_ids: readonly number[];
  /** It leads to every droplet that has it: one at most. */
  readonly tags: readonly string[];
}

export interface LoadBalancers {
  /** All of the account; one that cannot be read is left out. @throws {DigitalOceanError} `forbidden` without load_balancer:read */
  list(call: Call): Promise<Listing<LoadBalancer>>;
}

export const createLoadBalancers = (listPaginated: ListPaginated): LoadBalancers => ({
  list: (call) =>
    listPaginated(
      "/v2/load_balancers",
      { key: "load_balancers", schema: loadBalancer, identity: (it) => it.id, oddItem: () => "leave out" },
      call,
    ),
});
