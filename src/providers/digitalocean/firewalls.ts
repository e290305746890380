import { z } from "zod";
import type { Call } from "./call.ts";
import type { Listing, ListPaginated } from "./pages.ts";

const firewall = z
  .object({
    id: z.string().min(1),
    name: z.string().nullish().catch(null),
    droplet_ids: z.array(z.int()).nullish(),
    tags: z.array(z.string()).nullish(),
  })
  .transform(({ id, name, droplet_ids: ids, tags }): Firewall => ({
    id,
    name: name ?? "",
    droplet_ids: ids ?? [],
    tags: tags ?? [],
  }));

export interface Firewall {
  readonly id: string;
  readonly name: string;
  /** Those that it names by their ids. */
  readonly droplet_ids: readonly number[];
  /** It lies on every droplet that has one of these. */
  readonly tags: readonly string[];
}

export interface Firewalls {
  /** All of the account; one that cannot be read is left out. @throws {DigitalOceanError} `forbidden` without firewall:read */
  list(call: Call): Promise<Listing<Firewall>>;
}

export const createFirewalls = (listPaginated: ListPaginated): Firewalls => ({
  list: (call) =>
    listPaginated(
      "/v2/firewalls",
      { key: "firewalls", schema: firewall, identity: (it) => it.id, oddItem: () => "leave out" },
      call,
    ),
});
