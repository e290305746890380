import { z } from "zod";
import type { Call } from "./call.ts";
import type { Http } from "./http.ts";
import type { Listing, ListPaginated } from "./pages.ts";

const counted = z.object({ count: z.int().nullish() });
const tag = z
  .object({ name: z.string(), resources: z.object({ droplets: counted.nullish() }).nullish() })
  .transform((it): Tag => ({ name: it.name, droplets: it.resources?.droplets?.count ?? null }));

export interface Tag {
  readonly name: string;
  /** How many droplets carry it, of all that does; null: the answer does not tell. */
  readonly droplets: number | null;
}

export interface Tags {
  list(call: Call): Promise<Listing<Tag>>;
  /** @throws {DigitalOceanError} `not_found` */
  get(name: string, call: Call): Promise<Tag>;
  /** Puts the tag, which is made where it is not there yet, on a droplet. Doing it again changes nothing. */
  attach(name: string, dropletId: number, call: Call): Promise<void>;
  /** Takes the tag off a droplet. Doing it again changes nothing. */
  detach(name: string, dropletId: number, call: Call): Promise<void>;
  /** Removes the tag from everything that carries it; destroys nothing. Tags outlive their droplets otherwise. */
  delete(name: string, call: Call): Promise<void>;
}

const carried = "/v2/tags/{name}/resources";
const resources = (dropletId: number) => ({
  resources: [{ resource_id: String(dropletId), resource_type: "droplet" }],
});

export function createTags(http: Http, listPaginated: ListPaginated): Tags {
  return {
    list: (call) =>
      listPaginated("/v2/tags", { key: "tags", schema: tag, identity: (it) => it.name, oddItem: () => "refuse" }, call),
    get: (name, call) => {
      const asked = tag.refine(
        (it) => it.name.toLowerCase() === name.toLowerCase(),
        "is not the tag that was asked for",
      );
      const schema = z.object({ tag: asked }).transform((body) => body.tag);
      return http.send({ method: "GET", route: "/v2/tags/{name}", path: { name }, schema }, call);
    },
    async attach(name, dropletId, call) {
      await http.send({ method: "POST", route: "/v2/tags", body: { name }, schema: z.unknown() }, call);
      const body = resources(dropletId);
      await http.send({ method: "POST", route: carried, path: { name }, body, schema: z.unknown() }, call);
    },
    async detach(name, dropletId, call) {
      const body = resources(dropletId);
      await http.send({ method: "DELETE", route: carried, path: { name }, body, schema: z.unknown() }, call);
    },
    delete: async (name, call) => {
      await http.send({ method: "DELETE", route: "/v2/tags/{name}", path: { name }, schema: z.unknown() }, call);
    },
  };
}
