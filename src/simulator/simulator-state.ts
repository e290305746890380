import type { Account, DomainRecord } from "./account-state.ts";
import { findPublicImage } from "./catalogue.ts";
import { settleAction } from "./action-effects.ts";
import { iso } from "./call.ts";
import { statusOf } from "./droplet-view.ts";
import { publicAddress } from "./networks.ts";
import type { RequestCounts } from "./request-count.ts";
import { recordBody } from "./zones.ts";

export interface SimulatorState {
  droplets: {
    id: number;
    name: string;
    status: "new" | "active" | "off";
    region: string;
    size_slug: string;
    /** Its slug, or its id as digits. */
    image: string;
    tags: string[];
    public_ipv4: string | null;
    created_at: string;
  }[];
  domains: { name: string; records: Omit<DomainRecord, "listedAt">[] }[];
  /** Of droplets. */
  snapshots: { id: number; name: string; droplet_id: number }[];
  volumes: { id: string; name: string; size_gib: number; droplet_id: number | null; tags: string[] }[];
  volume_snapshots: { id: string; name: string; volume_id: string }[];
  reserved_ips: { ip: string; region: string; droplet_id: number | null }[];
  tags: string[];
  /** Addresses that a stranger has by now. */
  strangers: string[];
  requests: RequestCounts;
  created_total: number;
  destroyed_total: number;
}

/** Reserved IPs that were given back and that nobody of the account has reserved again. */
const releasedAddresses = ({ actions, reservedIps }: Account): Set<string> =>
  new Set(
    [...actions.values()].flatMap(({ resource }) =>
      resource?.type === "reserved_ip" && !reservedIps.has(resource.key) ? resource.key : [],
    ),
  );

/** The truth, without any lag: what is there and billed now. */
export function simulatorState(account: Account, requests: RequestCounts, now: number): SimulatorState {
  const live = [...account.droplets.values()].filter((droplet) => !droplet.deletion);
  for (const droplet of live) settleAction(account, droplet, now);
  return {
    droplets: live.map((droplet) => ({
      id: droplet.id,
      name: droplet.name,
      status: statusOf(droplet, now),
      region: droplet.region,
      size_slug: droplet.size,
      image: findPublicImage(droplet.image)?.slug ?? String(droplet.image),
      tags: droplet.tags.map((tag) => tag.name),
      public_ipv4: now >= droplet.activeAt && droplet.publicNetworking ? publicAddress(droplet.address) : null,
      created_at: iso(droplet.createdAt),
    })),
    domains: [...account.zones.values()].map((zone) => ({
      name: zone.name,
      records: [...zone.records.values()].map(recordBody),
    })),
    snapshots: [...account.images.values()]
      .filter(({ type, deleted }) => type === "snapshot" && !deleted)
      .map(({ id, name, dropletId }) => ({ id, name, droplet_id: dropletId })),
    volumes: [...account.volumes.values()].map(({ id, name, sizeGigabytes, dropletId, tags }) => ({
      id,
      name,
      size_gib: sizeGigabytes,
      droplet_id: dropletId,
      tags,
    })),
    volume_snapshots: [...account.volumeSnapshots.values()].map(({ id, name, volumeId }) => ({
      id,
      name,
      volume_id: volumeId,
    })),
    reserved_ips: [...account.reservedIps.values()].map(({ ip, region, dropletId }) => ({
      ip,
      region,
      droplet_id: dropletId,
    })),
    tags: [...account.tags.values()].map((tag) => tag.name),
    strangers: [...account.strangers.map(publicAddress), ...releasedAddresses(account)],
    requests,
    created_total: account.createdTotal,
    destroyed_total: account.destroyedTotal,
  };
}
