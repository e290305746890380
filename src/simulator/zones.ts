import type { Account, DomainRecord, Zone } from "./account-state.ts";
import { zoneFileData } from "./record-data.ts";

export const defaultTtl = 1800;
const nameServers = ["ns1.digitalocean.com", "ns2.digitalocean.com", "ns3.digitalocean.com"];

export const blankRecord = { priority: null, port: null, ttl: defaultTtl, weight: null, flags: null, tag: null };

/** Adds a zone with the SOA and NS records that every DigitalOcean zone is born with. */
export function newZone(account: Account, name: string, now: number): Zone {
  const zone: Zone = { name, createdAt: now, records: new Map() };
  const add = (type: string, data: string): void => {
    const id = account.nextId++;
    zone.records.set(id, { id, type, name: "@", data, ...blankRecord, listedAt: now });
  };
  add("SOA", String(defaultTtl));
  for (const server of nameServers) add("NS", server);
  account.zones.set(name, zone);
  return zone;
}

/** A record as everybody sees it, without when the lists begin to show it. */
export function recordBody({ id, type, name, data, priority, port, ttl, weight, flags, tag }: DomainRecord) {
  return { id, type, name, data, priority, port, ttl, weight, flags, tag };
}

export const fullName = (zone: Zone, record: Pick<DomainRecord, "name">): string =>
  record.name === "@" ? zone.name : `${record.name}.${zone.name}`;

/** The zone as a zone file, as GET /v2/domains shows it. */
export function zoneFile(zone: Zone): string {
  const serial = Math.floor(zone.createdAt / 1000);
  const lines = [...zone.records.values()].map((record) => {
    if (record.type === "SOA")
      return `${zone.name}. IN SOA ${nameServers[0]}. hostmaster.${zone.name}. ${serial} 10800 3600 604800 ${record.ttl}`;
    const before = [record.flags, record.tag, record.priority, record.weight, record.port].filter(
      (each) => each !== null,
    );
    const data = [...before, zoneFileData(zone, record)].join(" ");
    return `${fullName(zone, record)}. ${record.ttl} IN ${record.type} ${data}`;
  });
  return [`$ORIGIN ${zone.name}.`, `$TTL ${defaultTtl}`, ...lines, ""].join("\n");
}
