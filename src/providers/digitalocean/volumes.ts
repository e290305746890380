import { z } from "zod";
import { type Action, actionList, askedAction } from "./actions.ts";
import type { Call } from "./call.ts";
import type { Http } from "./http.ts";
import type { Listing, ListPaginated } from "./pages.ts";

const volume = z
  .object({
    id: z.string().min(1),
    name: z.string().min(1),
    size_gigabytes: z.int32().positive(),
    droplet_ids: z.array(z.int()).nullish(),
    tags: z.array(z.string()).nullish(),
  })
  .transform((it): Volume => ({ ...it, droplet_ids: it.droplet_ids ?? [], tags: it.tags ?? [] }));

export interface Volume {
  readonly id: string;
  readonly name: string;
  /** GiB. */
  readonly size_gigabytes: number;
  /** To which it is attached: one at most, as of today. */
  readonly droplet_ids: readonly number[];
  readonly tags: readonly string[];
}

export interface VolumeCreate {
  /** Lower-case letters, digits and hyphens, a letter first, at most 64: once in a region. */
  readonly name: string;
  readonly region: string;
  /** GiB. */
  readonly size_gigabytes: number;
  readonly filesystem_type: "ext4" | "xfs";
  /** At most 12 characters, which is what xfs takes. */
  readonly filesystem_label: string;
  readonly tags: readonly string[];
}

/** What is done to a volume: accepted, not yet done. A size only grows. */
export type VolumeActionRequest =
  | { readonly type: "attach" | "detach"; readonly droplet_id: number }
  | { readonly type: "resize"; readonly size_gigabytes: number };

export interface Volumes {
  /** Never sent twice; `effect` of the error says whether it may have been made nevertheless. */
  create(input: VolumeCreate, call: Call): Promise<Volume>;
  /** @throws {DigitalOceanError} `not_found` */
  get(id: string, call: Call): Promise<Volume>;
  /** Those of this name in this region: one at most. Refused is a listing with one that cannot be read: it may be it. */
  list(filter: { readonly name: string; readonly region: string }, call: Call): Promise<Listing<Volume>>;
  /** @throws {DigitalOceanError} `conflict` while it is attached to a droplet */
  delete(id: string, call: Call): Promise<void>;
  act(id: string, request: VolumeActionRequest, call: Call): Promise<Action>;
  /** Every action upon the volume. */
  actions(id: string, call: Call): Promise<Listing<Action>>;
}

export function createVolumes(http: Http, listPaginated: ListPaginated): Volumes {
  const [collection, single, acts] = ["/v2/volumes", "/v2/volumes/{id}", "/v2/volumes/{id}/actions"];
  const one = (isAsked: (it: Volume) => boolean) =>
    z
      .object({ volume: volume.refine(isAsked, "is not the volume that was asked for") })
      .transform((body) => body.volume);
  return {
    create: (input, call) => {
      const schema = one((it) => it.name === input.name);
      return http.send({ method: "POST", route: collection, body: input, schema }, call);
    },
    get: (id, call) => {
      const schema = one((it) => it.id === id);
      return http.send({ method: "GET", route: single, path: { id }, schema }, call);
    },
    list: ({ name, region }, call) => {
      const schema = volume.refine((it) => it.name === name, "has another name than the one asked for");
      const list = { params: { name, region }, key: "volumes", schema, identity: (it: Volume) => it.id };
      return listPaginated(collection, { ...list, oddItem: () => "refuse" }, call);
    },
    delete: async (id, call) => {
      await http.send({ method: "DELETE", route: single, path: { id }, schema: z.unknown(), once: true }, call);
    },
    act: (id, request, call) => {
      // DigitalOcean tells of what it was asked for as `attach`, and as `attach_volume`.
      const schema = askedAction((it) => it.type.startsWith(request.type));
      return http.send({ method: "POST", route: acts, path: { id }, body: request, schema }, call);
    },
    actions: (id, call) => listPaginated(acts, actionList({ id }), call),
  };
}
