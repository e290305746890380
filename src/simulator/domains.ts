import { z } from "zod";
import type { Zone } from "./account-state.ts";
import { bodyOf, type Call, param, type Reply } from "./call.ts";
import { notFound, unprocessable } from "./errors.ts";
import { page } from "./pagination.ts";
import { blankRecord, defaultTtl, newZone, zoneFile } from "./zones.ts";

const domainName = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;

const domainBody = (zone: Zone): object => ({ name: zone.name, ttl: defaultTtl, zone_file: zoneFile(zone) });

export function zoneOfPath(call: Call): Zone {
  const zone = call.account.zones.get(param(call, 0).toLowerCase());
  if (!zone) throw notFound();
  return zone;
}

/** GET /v2/domains */
export const listDomains = (call: Call): Reply => page(call, "domains", [...call.account.zones.values()], domainBody);

/** GET /v2/domains/{name} */
export const getDomain = (call: Call): Reply => ({ status: 200, body: { domain: domainBody(zoneOfPath(call)) } });

/** POST /v2/domains */
export function createDomain(call: Call): Reply {
  const body = bodyOf(call, z.object({ name: z.string(), ip_address: z.ipv4().nullish() }));
  const name = body.name.toLowerCase();
  if (!domainName.test(name)) throw unprocessable("Name is not a valid domain name.");
  if (call.account.zones.has(name)) throw unprocessable("Name has already been taken");
  const zone = newZone(call.account, name, call.now);
  if (body.ip_address) {
    const id = call.account.nextId++;
    zone.records.set(id, { id, type: "A", name: "@", data: body.ip_address, ...blankRecord, listedAt: call.now });
  }
  return { status: 201, body: { domain: { name, ttl: defaultTtl, zone_file: null } } };
}

/** DELETE /v2/domains/{name} */
export function deleteDomain(call: Call): Reply {
  call.account.zones.delete(zoneOfPath(call).name);
  return { status: 204 };
}
