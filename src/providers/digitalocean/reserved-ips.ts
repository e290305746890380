import { z } from "zod";
import { type Action, actionList, askedAction } from "./actions.ts";
import type { Call } from "./call.ts";
import type { Http } from "./http.ts";
import { optional } from "./lenient.ts";
import type { List, Listing, ListPaginated } from "./pages.ts";

/** It carries no name, no tag and no time. Where it leads is not told to a token without droplet:read; of somebody else's no region may be. */
const reservedIp = z
  .object({
    ip: z.ipv4(),
    region: optional(z.object({ slug: z.string().min(1) })),
    droplet: z.object({ id: z.int().positive() }).nullish(),
  })
  .transform(({ ip, region, droplet }) => ({ ip, region: region?.slug ?? null, droplet_id: droplet?.id ?? null }));

/** `droplet_id`: to which it is assigned; null: it leads nowhere, and is billed for that. */
export type ReservedIp = Readonly<z.output<typeof reservedIp>>;

/** What is done to one after it was reserved. */
export type Assignment = { readonly type: "assign"; readonly droplet_id: number } | { readonly type: "unassign" };

export interface ReservedIps {
  /** Reserves an address in a region: assigned to nothing. Never sent twice; `effect` of the error says whether it may have been done. */
  create(region: string, call: Call): Promise<ReservedIp>;
  /** @throws {DigitalOceanError} `not_found` */
  get(ip: string, call: Call): Promise<ReservedIp>;
  /** Refused is a listing with one whose address cannot be read, or whose region is not told where `mayBeIt`: it may be the one that is looked for. */
  list(call: Call, mayBeIt?: (it: ReservedIp) => boolean): Promise<Listing<ReservedIp>>;
  /** `pending_event` while something is on its way to it (doctl#493). */
  delete(ip: string, call: Call): Promise<void>;
  /** Accepted, not yet done; what it is assigned to already needs no unassignment before. */
  act(ip: string, request: Assignment, call: Call): Promise<Action>;
  /** Everything that was done to it; the first is `reserve_ip`, which alone tells when it was reserved. */
  actions(ip: string, call: Call): Promise<Listing<Action>>;
}

export function createReservedIps(http: Http, listPaginated: ListPaginated): ReservedIps {
  const [collection, single] = ["/v2/reserved_ips", "/v2/reserved_ips/{ip}"];
  const done = `${single}/actions`;
  const one = (isAsked: (it: ReservedIp) => boolean) =>
    z
      .object({
        reserved_ip: reservedIp.refine(
          (it) => it.region !== null && isAsked(it),
          "is not the reserved IP that was asked for",
        ),
      })
      .transform((body) => body.reserved_ip);
  return {
    create: (region, call) => {
      const schema = one((it) => it.region === region);
      return http.send({ method: "POST", route: collection, body: { region }, schema }, call);
    },
    get: (ip, call) =>
      http.send({ method: "GET", route: single, path: { ip }, schema: one((it) => it.ip === ip) }, call),
    list: (call, mayBeIt = () => false) => {
      const schema = reservedIp.refine((it) => it.region !== null || !mayBeIt(it), "may be the one that is looked for");
      const list: List<ReservedIp> = { key: "reserved_ips", schema, identity: (it) => it.ip, oddItem: () => "refuse" };
      return listPaginated(collection, list, call);
    },
    delete: async (ip, call) => {
      await http.send({ method: "DELETE", route: single, path: { ip }, schema: z.unknown(), once: true }, call);
    },
    act: (ip, request, call) => {
      const schema = askedAction((it) => it.type === `${request.type}_ip`);
      return http.send({ method: "POST", route: done, path: { ip }, body: request, schema }, call);
    },
    actions: (ip, call) => listPaginated(done, actionList({ ip }), call),
  };
}
