import { z } from "zod";
import type { Call } from "./call.ts";
import type { Http } from "./http.ts";
import type { Listing, ListPaginated } from "./pages.ts";

const tag = z
  .object({ name: z.string(), resources: z.object({ count: z.int().nullish() }).nullish() })
  .transform((it): Tag => ({ name: it.name, resources: it.resources?.count ?? 0 }));

export interface Tag {
  readonly name: string;
  /** How many resources carry it. */
  readonly resources: number;
}

export interface Tags {
  list(call: Call): Promise<Listing<Tag>>;
  /** @throws {DigitalOceanError} `not_found` */
  get(name: string, call: Call): Promise<Tag>;
  /** Removes the tag from everything that carries it; destroys nothing. Tags outlive their droplets otherwise. */
  delete(name: string, call: Call): Promise<void>;
}

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
    delete: async (name, call) => {
      await http.send({ method: "DELETE", route: "/v2/tags/{name}", path: { name }, schema: z.unknown() }, call);
    },
  };
}
