import { z } from "zod";
import type { Call } from "./call.ts";
import { type Droplet, dropletListedBy } from "./droplet.ts";
import type { Http } from "./http.ts";
import type { List, Listing, ListPaginated, ReadPage, Shown } from "./pages.ts";

export type { Droplet } from "./droplet.ts";

const collection = "/v2/droplets";

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
  readonly monitoring?: boolean;
  readonly ipv6?: boolean;
  readonly backups?: boolean;
  /** In the droplet's region. */
  readonly vpc_uuid?: string;
  /** Ids of those to attach, in the droplet's region and attached to nothing. */
  readonly volumes?: readonly string[];
}

/** `name` compares exactly but for case. The two cannot be combined (DigitalOcean answers 4xx). */
export type DropletFilter = { readonly tag_name: string } | { readonly name: string };

/** What is done with each page, and where an earlier listing had to stop. */
export type HowRead = Pick<List<Droplet>, "onPage" | "bookmark">;

export interface Droplets {
  /**
   * Asks for a droplet: 202, accepted, not yet made. Never sent twice; `effect` of the error says whether it may
   * have been made nevertheless. An answer that tells of a droplet with another name, or with other tags, is no answer to it.
   */
  create(input: DropletCreate, call: Call): Promise<Droplet>;
  /** @throws {DigitalOceanError} `not_found`, also for seconds after the create. */
  get(id: number, call: Call): Promise<Droplet>;
  /**
   * All droplets of the account, or those with the tag or name. A fresh droplet may be missing for seconds. One that
   * cannot be read, or does not match the filter, stands in `unreadable`: it stops nobody, and proves nothing absent.
   */
  list(filter: DropletFilter | undefined, call: Call, reading?: HowRead): Promise<Listing<Droplet>>;
  /** One page of such a listing, the first is 1; the newest are on the last (packer#3158). */
  page(filter: DropletFilter, page: number, call: Call): Promise<Shown<Droplet>>;
  /**
   * Answered seconds before the droplet is gone, and may be ineffective while it is `new`. Not repeated after an unclear
   * answer: many DELETEs of one droplet got accounts blocked (scrapoxy#32).
   */
  delete(id: number, call: Call): Promise<void>;
}

export function createDroplets(http: Http, listPaginated: ListPaginated, readPage: ReadPage): Droplets {
  const one = (what: string, isAsked: (it: Droplet) => boolean) =>
    z
      .object({ droplet: dropletListedBy().refine(isAsked, `is not the droplet ${what} that was asked for`) })
      .transform((body) => body.droplet);
  return {
    create: (input, call) => {
      const { name, user_data, image } = input;
      return http.send(
        {
          method: "POST",
          route: "/v2/droplets",
          body: { ...input, image: /^\d+$/.test(image) ? Number(image) : image },
          schema: one(name, (it) => isSame(it.name, name) && carries(it, input.tags)),
          secrets: user_data === undefined ? [] : [user_data],
        },
        call,
      );
    },
    get: (id, call) => {
      const schema = one(`${id}`, (it) => it.id === id);
      return http.send({ method: "GET", route: "/v2/droplets/{id}", path: { id }, schema }, call);
    },
    list: (filter, call, reading) => listPaginated(collection, { ...listOf(filter), ...reading }, call),
    page: (filter, page, call) => readPage(collection, listOf(filter), page, call),
    delete: async (id, call) => {
      const schema = z.unknown();
      await http.send({ method: "DELETE", route: "/v2/droplets/{id}", path: { id }, schema, once: true }, call);
    },
  };
}

function listOf(filter: DropletFilter | undefined): List<Droplet> {
  const tag = filter && "tag_name" in filter ? filter.tag_name : undefined;
  const schema = dropletListedBy(tag).refine((it) => matchesFilter(it, filter), "does not match the filter");
  const identity = (it: Droplet): number => it.id;
  return { params: { ...filter }, key: "droplets", schema, identity, oddItem: () => "tell" };
}

const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** Tags arrive after the create, all of them or none: one that has others is another droplet. */
const carries = ({ tags }: Droplet, asked: readonly string[]): boolean =>
  tags.length === 0 || asked.every((tag) => tags.some((it) => isSame(it, tag)));

/** Tags and names are compared without regard to case: a tag's first capitalisation is the canonical one. */
function matchesFilter({ name, tags }: Droplet, filter: DropletFilter | undefined): boolean {
  if (!filter) return true;
  if ("name" in filter) return isSame(name, filter.name);
  return tags.some((tag) => isSame(tag, filter.tag_name));
}

/** Whether the droplet may be among what a listing could not read: then it is not absent from it. */
export const mayBeAmong = (unreadable: Listing<unknown>["unreadable"], id: number): boolean =>
  unreadable.some((it) => it.id === undefined || it.id === id);
