import { z } from "zod";
import { type Firewall, firewallSchema } from "./firewall.ts";
import { type LoadBalancer, loadBalancerSchema } from "./load-balancers.ts";
import { firstProject, type Placement, placementSchema, type Project, projectSchema } from "./project.ts";
import { type ReservedIp, reservedIpSchema } from "./reserved-ip.ts";
import { firstKey, type SshKey, sshKeySchema } from "./ssh-key.ts";
import { type StoredImage, storedImageSchema } from "./stored-image.ts";
import { type Volume, volumeSchema, type VolumeSnapshot, volumeSnapshotSchema } from "./volume.ts";
import { defaultVpcs, type Vpc, vpcSchema } from "./vpc.ts";

/** What an account has beside its droplets, zones and tags. */
export interface Holdings {
  keys: Map<number, SshKey>;
  images: Map<number, StoredImage>;
  vpcs: Map<string, Vpc>;
  firewalls: Map<string, Firewall>;
  loadBalancers: Map<string, LoadBalancer>;
  volumes: Map<string, Volume>;
  volumeSnapshots: Map<string, VolumeSnapshot>;
  /** By their address. */
  reservedIps: Map<string, ReservedIp>;
  projects: Map<string, Project>;
  /** By the URN of what was put into a project. */
  projectOf: Map<string, Placement>;
}

export const holdingsSchema = z
  .object({
    keys: z.array(sshKeySchema),
    images: z.array(storedImageSchema),
    vpcs: z.array(vpcSchema),
    firewalls: z.array(firewallSchema),
    loadBalancers: z.array(loadBalancerSchema),
    volumes: z.array(volumeSchema),
    volumeSnapshots: z.array(volumeSnapshotSchema),
    reservedIps: z.array(reservedIpSchema),
    projects: z.array(projectSchema),
    projectOf: z.array(placementSchema),
  })
  .partial();

type Saved = z.output<typeof holdingsSchema>;

/** What was saved; of what an older release did not know yet, and without anything saved, what a new account has. */
export function holdings(seed: number, now: number, saved: Saved = {}): Holdings {
  const { keys = [{ ...firstKey }], vpcs = defaultVpcs(seed, now), projects = [firstProject(seed, now)] } = saved;
  return {
    keys: byId(keys),
    images: byId(saved.images ?? []),
    vpcs: byId(vpcs),
    firewalls: byId(saved.firewalls ?? []),
    loadBalancers: byId(saved.loadBalancers ?? []),
    volumes: byId(saved.volumes ?? []),
    volumeSnapshots: byId(saved.volumeSnapshots ?? []),
    reservedIps: new Map(saved.reservedIps?.map((reserved) => [reserved.ip, reserved])),
    projects: byId(projects),
    projectOf: new Map(saved.projectOf?.map((placement) => [placement.urn, placement])),
  };
}

export const savedHoldings = (held: Holdings): Saved => ({
  keys: [...held.keys.values()],
  images: [...held.images.values()],
  vpcs: [...held.vpcs.values()],
  firewalls: [...held.firewalls.values()],
  loadBalancers: [...held.loadBalancers.values()],
  volumes: [...held.volumes.values()],
  volumeSnapshots: [...held.volumeSnapshots.values()],
  reservedIps: [...held.reservedIps.values()],
  projects: [...held.projects.values()],
  projectOf: [...held.projectOf.values()],
});

const byId = <K, T extends { id: K }>(items: readonly T[]): Map<T["id"], T> =>
  new Map(items.map((item) => [item.id, item]));
