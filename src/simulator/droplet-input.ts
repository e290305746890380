import { z } from "zod";
import { bodyOf, type Call } from "./call.ts";
import { refusePending } from "./actions.ts";
import { backupPlan, backupPolicyShape } from "./backup-plan.ts";
import { findSize } from "./catalogue.ts";
import { regionSlugs } from "./catalogue-regions.ts";
import type { Size } from "./catalogue-sizes.ts";
import { dropletName } from "./droplet-name.ts";
import { notFound, unprocessable } from "./errors.ts";
import { findImage, type UsableImage } from "./images.ts";
import { findKey } from "./ssh-keys.ts";
import { isTagName } from "./tag-names.ts";
import type { Volume } from "./volume.ts";
import { mostVolumes } from "./volumes.ts";
import { defaultVpcId } from "./vpc.ts";

const maxNames = 10;
const maxUserDataBytes = 64 * 1024;

const shape = z.object({
  name: z.unknown().optional(),
  names: z.array(z.unknown()).nullish(),
  region: z.string().nullish(),
  size: z.unknown().optional(),
  image: z.unknown().optional(),
  tags: z.array(z.string()).nullish(),
  user_data: z.string().nullish(),
  ssh_keys: z.array(z.union([z.string(), z.number().int()])).nullish(),
  ipv6: z.boolean().nullish(),
  monitoring: z.boolean().nullish(),
  backups: z.boolean().nullish(),
  backup_policy: backupPolicyShape.nullish(),
  private_networking: z.boolean().nullish(),
  public_networking: z.boolean().nullish(),
  with_droplet_agent: z.boolean().nullish(),
  volumes: z.array(z.string()).nullish(),
  vpc_uuid: z.string().nullish(),
});

type Body = z.infer<typeof shape>;

export interface DropletInput {
  names: string[];
  /** Several droplets are answered in another shape than one. */
  several: boolean;
  region: string;
  size: Size;
  image: number;
  tags: string[];
  userData: string | undefined;
  features: string[];
  publicNetworking: boolean;
  /** None, or the policy, where nothing means that one is drawn. */
  backups: { policy: z.infer<typeof backupPolicyShape> | undefined } | undefined;
  volumes: Volume[];
  vpc: string;
}

/** What POST /v2/droplets asks for, or DigitalOcean's 422 or 404 for what is wrong with it. */
export function dropletInput(call: Call): DropletInput {
  const body = bodyOf(call, shape);
  const names = namesOf(body.name ?? undefined, body.names ?? undefined);
  const size = findSize(body.size);
  if (!size) throw unprocessable("You specified an invalid size for Droplet creation.");
  const image = findImage(call.account, body.image);
  if (!image) throw unprocessable("You specified an invalid image for Droplet creation.");
  const region = regionOf(body.region ?? "", size, image);
  if (image.minDiskSize > size.disk) throw unprocessable("The image needs a bigger disk than this size has.");
  const badTag = body.tags?.find((tag): boolean => !isTagName(tag));
  if (badTag !== undefined) throw unprocessable(`Tag "${badTag}" contains invalid characters`);
  if (Buffer.byteLength(body.user_data ?? "") > maxUserDataBytes)
    throw unprocessable("User data must be at most 64 KiB.");
  const publicNetworking = body.public_networking ?? true;
  if (!publicNetworking && body.ipv6) throw unprocessable("ipv6 must be false when public_networking is false");
  if (body.backup_policy && !body.backups) throw unprocessable("backup_policy needs backups to be true");
  // Whatever the lot, a bad policy is found here.
  if (body.backup_policy) backupPlan(body.backup_policy, { seed: 0, dropletId: 0 }, call.now);
  checkKeys(call, body.ssh_keys ?? []);
  const volumes = volumesOf(call, body.volumes ?? [], region, names.length);
  return {
    names,
    several: Array.isArray(body.names),
    region,
    size,
    image: image.id,
    tags: body.tags ?? [],
    userData: body.user_data ?? undefined,
    features: featuresOf(body),
    publicNetworking,
    backups: body.backups ? { policy: body.backup_policy ?? undefined } : undefined,
    volumes,
    vpc: vpcOf(call, body.vpc_uuid ?? "", region),
  };
}

function featuresOf(body: Body): string[] {
  const agent = body.with_droplet_agent === false ? [] : ["droplet_agent"];
  return [
    ...agent,
    "private_networking",
    ...(["ipv6", "monitoring"] as const).filter((feature) => body[feature] === true),
  ];
}

/** One that has size and image: the region itself, any one of a prefix like `nyc`, or any at all. */
function regionOf(wanted: string, size: Size, image: UsableImage): string {
  const among = regionSlugs.filter((slug) => ["", slug, /^[a-z]+/.exec(slug)?.[0]].includes(wanted));
  if (among.length === 0) throw unprocessable("Region is not available");
  const selling = among.filter((slug) => size.regions.includes(slug));
  if (selling.length === 0) throw unprocessable("Size is not available in this region.");
  const region = selling.find((slug) => image.regions.includes(slug));
  if (region === undefined) throw unprocessable("Image is not available in this region.");
  return region;
}

function checkKeys(call: Call, identifiers: readonly (string | number)[]): void {
  const unknown = identifiers.filter((identifier) => !findKey(call.account, identifier));
  if (unknown.length > 0)
    throw unprocessable(`${unknown.join(", ")} are invalid key identifiers for Droplet creation.`);
}

/** They are there, in the region, and attached nowhere; several droplets cannot share one. */
function volumesOf(call: Call, ids: readonly string[], region: string, droplets: number): Volume[] {
  if (ids.length > mostVolumes) throw unprocessable(`a droplet takes ${mostVolumes} volumes`);
  if (ids.length > 0 && droplets > 1) throw unprocessable("volumes can be attached to one Droplet only");
  return [...new Set(ids)].map((id) => {
    if (!z.uuid().safeParse(id).success) throw unprocessable(`${id} is not a valid volume id`);
    const volume = call.account.volumes.get(id);
    if (!volume) throw notFound();
    refusePending(call, "volume", id);
    if (volume.region !== region) throw unprocessable("the volume is in another region than the droplet");
    if (volume.dropletId !== null) throw unprocessable("the volume is attached already");
    return volume;
  });
}

/** The region's default one unless another is named: a 404 when there is none such. */
function vpcOf({ account }: Call, wanted: string, region: string): string {
  const inRegion = [...account.vpcs.values()].find((vpc) => vpc.isDefault && vpc.region === region);
  if (wanted === "") return inRegion?.id ?? defaultVpcId(account.seed, region);
  if (!z.uuid().safeParse(wanted).success) throw unprocessable("vpc_uuid is not a valid UUID");
  const vpc = account.vpcs.get(wanted);
  if (!vpc) throw notFound();
  if (vpc.region !== region) throw unprocessable("The VPC is in another region than the Droplet.");
  return vpc.id;
}

function namesOf(name: unknown, names: unknown[] | undefined): string[] {
  if (name !== undefined && names) throw unprocessable("Send either name or names, not both.");
  const wanted = names ?? [name];
  if (wanted.length > maxNames) throw unprocessable(`Only ${maxNames} Droplets can be created at a time.`);
  if (wanted.length === 0) throw unprocessable("Droplet must have a name");
  return wanted.map(dropletName);
}
