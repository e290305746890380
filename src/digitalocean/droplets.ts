import { z } from "zod";
import type { Call } from "./call.ts";
import type { Http } from "./http.ts";
import type { Listing, ListPaginated } from "./pages.ts";

const network = z.object({ ip_address: z.string().nullish(), type: z.string().nullish() });

/** A droplet as DigitalOcean tells it, reduced to what we use. */
const droplet = z
  .object({
    id: z.int(),
    name: z.string(),
    status: z.string(),
    region: z.object({ slug: z.string() }),
    size_slug: z.string(),
    image: z.object({ id: z.int().nullish(), slug: z.string().nullish() }).nullish(),
    networks: z.object({ v4: z.array(network).nullish() }).nullish(),
    tags: z.array(z.string()).nullish(),
    created_at: z.string().nullish(),
  })
  .transform((it): Droplet => ({
    id: it.id,
    name: it.name,
    status: it.status,
    region: it.region.slug,
    size_slug: it.size_slug,
    image: it.image?.slug ?? it.image?.id?.toString() ?? null,
    // The private address may come first.
    public_ipv4: it.networks?.v4?.find((v4) => v4.type === "public" && v4.ip_address)?.ip_address ?? null,
    tags: it.tags ?? [],
    created_at: dateOf(it.created_at),
  }));

export interface Droplet {
  readonly id: number;
  readonly name: string;
  /** `new`, `active`, `off` or `archive`; another one is passed on as it is. */
  readonly status: string;
  readonly region: string;
  readonly size_slug: string;
  /** Its slug, or its id as digits. */
  readonly image: string | null;
  readonly public_ipv4: string | null;
  readonly tags: readonly string[];
  readonly created_at: Date | null;
}

export interface DropletCreate {
  readonly name: string;
  readonly region: string;
  readonly size: string;
  /** A slug, or an id as digits. */
  readonly image: string;
  readonly tags: readonly string[];
  /** Ids or fingerprints. */
  readonly ssh_keys?: readonly (string | number)[];
  /** At most 64 KiB; DigitalOcean never gives it back. */
  readonly user_data?: string;
}

/** `name` compares exactly but for case. The two cannot be combined (DigitalOcean answers 4xx). */
export type DropletFilter = { readonly tag_name: string } | { readonly name: string };

export interface Droplets {
  /**
   * Asks for a droplet: 202, accepted, not yet made. Never sent twice; `effect` of the error says whether it may
   * have been made nevertheless.
   */
  create(input: DropletCreate, call: Call): Promise<Droplet>;
  /** @throws {DigitalOceanError} `not_found`, also for seconds after the create. */
  get(id: number, call: Call): Promise<Droplet>;
  /** All droplets of the account, or those with the tag or name. A fresh droplet may be missing for seconds. */
  list(filter: DropletFilter | undefined, call: Call): Promise<Listing<Droplet>>;
  /**
   * Answered seconds before the droplet is gone, and may be ineffective while it is `new`. Not repeated after an unclear
   * answer: many DELETEs of one droplet got accounts blocked (scrapoxy#32).
   */
  delete(id: number, call: Call): Promise<void>;
}

export function createDroplets(http: Http, listPaginated: ListPaginated): Droplets {
  const one = z.object({ droplet }).transform((body) => body.droplet);
  return {
    create: (input, call) => {
      const { user_data, image } = input;
      return http.send(
        {
          method: "POST",
          route: "/v2/droplets",
          body: { ...input, image: /^\d+$/.test(image) ? Number(image) : image },
          schema: one,
          secrets: user_data === undefined ? [] : [user_data],
        },
        call,
      );
    },
    get: (id, call) => http.send({ method: "GET", route: "/v2/droplets/{id}", path: { id }, schema: one }, call),
    list: (filter, call) =>
      listPaginated(
        "/v2/droplets",
        { params: { ...filter }, key: "droplets", schema: droplet, identity: (it) => it.id },
        call,
      ),
    delete: async (id, call) => {
      const schema = z.unknown();
      await http.send({ method: "DELETE", route: "/v2/droplets/{id}", path: { id }, schema, once: true }, call);
    },
  };
}

function dateOf(text: string | null | undefined): Date | null {
  const date = new Date(text ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? null : date;
}
