import { z } from "zod";
import { bodyOf, type Call, iso, param, type Reply } from "./call.ts";
import { page } from "./pagination.ts";
import { findProject } from "./projects.ts";

/** Everything of the account that can be in a project, by its URN, and when it was made. */
function resources({ account }: Call): Map<string, number> {
  const live = [...account.droplets.values()].filter((droplet) => !droplet.deletion);
  const zones = [...account.zones.values()].map((zone): [string, number] => [`do:domain:${zone.name}`, zone.createdAt]);
  const volumes = [...account.volumes.values()].map((each): [string, number] => [
    `do:volume:${each.id}`,
    each.createdAt,
  ]);
  const reserved = [...account.reservedIps.keys()].map((ip): [string, number] => [`do:reservedip:${ip}`, 0]);
  return new Map([
    ...live.map((droplet): [string, number] => [`do:droplet:${droplet.id}`, droplet.createdAt]),
    ...zones,
    ...volumes,
    ...reserved,
  ]);
}

function body(call: Call, urn: string, at: number, status: string): object {
  const [, type = "", id = ""] = urn.split(":");
  const path = { droplet: "droplets", domain: "domains", volume: "volumes", reservedip: "reserved_ips" }[type];
  return {
    urn,
    assigned_at: iso(at),
    links: { self: `${call.origin}/v2/${path ?? type}/${id}` },
    status,
  };
}

/** GET /v2/projects/{id}/resources, and of the default one, which has what was put nowhere else. */
export function listProjectResources(call: Call): Reply {
  const { account } = call;
  const project = findProject(account, param(call, 0) || "default");
  const inside = [...resources(call)].flatMap(([urn, madeAt]) => {
    const placed = account.projectOf.get(urn);
    const here = placed ? placed.project === project.id : project.isDefault;
    return here ? [{ urn, at: placed?.at ?? madeAt }] : [];
  });
  return page(call, "resources", inside, ({ urn, at }) => body(call, urn, at, "ok"));
}

/** POST /v2/projects/{id}/resources, and of the default one: each is told apart in the answer. */
export function assignResources(call: Call): Reply {
  const { account, now } = call;
  const project = findProject(account, param(call, 0) || "default");
  const sent = bodyOf(call, z.object({ resources: z.array(z.string()).default([]) })).resources;
  const there = resources(call);
  const assigned = sent.map((given) => {
    const urn = given.replace(/^do:floatingip:/, "do:reservedip:");
    if (!there.has(urn)) return body(call, given, now, "not_found");
    const before = account.projectOf.get(urn)?.project;
    if (before === project.id) return body(call, urn, account.projectOf.get(urn)?.at ?? now, "already_assigned");
    account.projectOf.set(urn, { urn, project: project.id, at: now });
    return body(call, urn, now, "assigned");
  });
  return { status: 200, body: { resources: assigned } };
}
