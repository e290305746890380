import { z } from "zod";
import type { Call } from "./call.ts";
import type { Http } from "./http.ts";
import { optional } from "./lenient.ts";
import type { Listing, ListPaginated } from "./pages.ts";

/** Its id is a number in the text of a droplet's, a UUID of a volume's. Of somebody else's no more may be told. */
const snapshot = z.object({
  id: z.union([z.string().min(1), z.int().transform(String)]),
  name: optional(z.string()).transform((it) => it ?? null),
  resource_id: optional(z.union([z.string(), z.int().transform(String)])).transform((it) => it ?? null),
  /** What it is billed by; null where it is not told. */
  size_gigabytes: z
    .number()
    .nonnegative()
    .nullish()
    .catch(null)
    .transform((it) => it ?? null),
});
export type Snapshot = Readonly<z.output<typeof snapshot>>;

/** One of a droplet is made by an action of it, `snapshot`, and is there once that has completed; one of a volume at once. */
export interface Snapshots {
  /** Never sent twice; `effect` of the error says whether it may have been made nevertheless. */
  ofVolume(volumeId: string, name: string, call: Call): Promise<Snapshot>;
  /**
   * Refused is a listing with one whose id cannot be read, and, where one is looked for by its name, with one that may have it
   * and does not tell of what it is.
   */
  list(of: "droplet" | "volume", call: Call, name?: string): Promise<Listing<Snapshot>>;
  /** @throws {DigitalOceanError} `not_found` */
  get(id: string, call: Call): Promise<Snapshot>;
  delete(id: string, call: Call): Promise<void>;
}

export function createSnapshots(http: Http, listPaginated: ListPaginated): Snapshots {
  const [collection, single] = ["/v2/snapshots", "/v2/snapshots/{id}"];
  return {
    ofVolume: (id, name, call) => {
      const asked = snapshot.refine((it) => it.name === name, "is not the snapshot that was asked for");
      const schema = z.object({ snapshot: asked }).transform((body) => body.snapshot);
      const route = "/v2/volumes/{id}/snapshots";
      return http.send({ method: "POST", route, path: { id }, body: { name }, schema }, call);
    },
    list: (of, call, name) =>
      listPaginated(
        collection,
        {
          params: { resource_type: of },
          key: "snapshots",
          schema: snapshot.refine(
            (it) => name === undefined || !mayBeNamed(it, name) || isWhole(it),
            "may be the one that is looked for",
          ),
          identity: (it) => it.id,
          oddItem: () => "refuse",
        },
        call,
      ),
    get: (id, call) => {
      const asked = snapshot.refine((it) => it.id === id && isWhole(it), "is not the snapshot that was asked for");
      const schema = z.object({ snapshot: asked }).transform((body) => body.snapshot);
      return http.send({ method: "GET", route: single, path: { id }, schema }, call);
    },
    delete: async (id, call) => {
      await http.send({ method: "DELETE", route: single, path: { id }, schema: z.unknown() }, call);
    },
  };
}

const mayBeNamed = (it: Snapshot, name: string): boolean => it.name === null || it.name === name;
const isWhole = (it: Snapshot): boolean => it.name !== null && it.resource_id !== null;
