import { z } from "zod";
import type { Call } from "./call.ts";
import type { Listing, ListPaginated } from "./pages.ts";

/** A firewall or a load balancer, as far as it tells on which droplets it lies. */
export interface Attachment {
  readonly id: string;
  readonly name: string;
  /** Those that it names by their ids. */
  readonly droplet_ids: readonly number[];
  /** It lies on every droplet that has one of these. */
  readonly tags: readonly string[];
}

export interface Attachments {
  /** All of the account; one that cannot be read is left out. @throws {DigitalOceanError} `forbidden` without its scope to read */
  list(call: Call): Promise<Listing<Attachment>>;
}

const told = z.object({
  id: z.string().min(1),
  name: z
    .string()
    .nullish()
    .catch(null)
    .transform((it) => it ?? ""),
  droplet_ids: z
    .array(z.int())
    .nullish()
    .transform((it) => it ?? []),
});

const firewall = told.extend({
  tags: z
    .array(z.string())
    .nullish()
    .transform((it) => it ?? []),
});

/** It has one tag, or none; where it goes by that, those that have the tag are listed too. */
const loadBalancer = told.extend({ tag: z.string().nullish() }).transform(({ tag, ...it }): Attachment => ({
  ...it,
  droplet_ids: tag ? [] : it.droplet_ids,
  tags: tag ? [tag] : [],
}));

const listed = (listPaginated: ListPaginated, key: string, schema: z.ZodType<Attachment>): Attachments => ({
  list: (call) =>
    listPaginated(`/v2/${key}`, { key, schema, identity: (it) => it.id, oddItem: () => "leave out" }, call),
});

export const createFirewalls = (listPaginated: ListPaginated): Attachments =>
  listed(listPaginated, "firewalls", firewall);

export const createLoadBalancers = (listPaginated: ListPaginated): Attachments =>
  listed(listPaginated, "load_balancers", loadBalancer);
