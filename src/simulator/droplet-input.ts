import { z } from "zod";
import { bodyOf, type Call } from "./call.ts";
import { findImage, findRegion, findSize } from "./catalogue.ts";
import { regionSlugs } from "./catalogue-regions.ts";
import { unprocessable } from "./errors.ts";
import { isTagName } from "./tag-names.ts";

const maxNames = 10;
const maxUserDataBytes = 64 * 1024;
const hostname = /^[a-zA-Z0-9]?[a-z0-9A-Z.-]*[a-z0-9A-Z]$/;

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
  vpc_uuid: z.string().nullish(),
});

export interface DropletInput {
  names: string[];
  /** Several droplets are answered in another shape than one. */
  several: boolean;
  region: string;
  size: string;
  image: number;
  tags: string[];
  features: string[];
  vpc: string | undefined;
}

/** What POST /v2/droplets asks for, or DigitalOcean's 422 for what is wrong with it. */
export function dropletInput(call: Call): DropletInput {
  const body = bodyOf(call, shape);
  const names = namesOf(body.name ?? undefined, body.names ?? undefined);
  const size = findSize(body.size);
  if (!size) throw unprocessable("You specified an invalid size for Droplet creation.");
  const region = body.region ?? regionSlugs.find((slug) => size.regions.includes(slug)) ?? "";
  if (!findRegion(region)) throw unprocessable("Region is not available");
  if (!size.regions.includes(region)) throw unprocessable("Size is not available in this region.");
  const image = findImage(body.image);
  if (!image) throw unprocessable("You specified an invalid image for Droplet creation.");
  if (image.min_disk_size > size.disk) throw unprocessable("The image needs a bigger disk than this size has.");
  const badTag = body.tags?.find((tag): boolean => !isTagName(tag));
  if (badTag !== undefined) throw unprocessable(`Tag "${badTag}" contains invalid characters`);
  if (Buffer.byteLength(body.user_data ?? "") > maxUserDataBytes)
    throw unprocessable("User data must be at most 64 KiB.");
  const features = ["droplet_agent", "private_networking"];
  for (const feature of ["ipv6", "monitoring", "backups"] as const) if (body[feature]) features.push(feature);
  return {
    names,
    several: Array.isArray(body.names),
    region,
    size: size.slug,
    image: image.id,
    tags: body.tags ?? [],
    features,
    vpc: body.vpc_uuid ?? undefined,
  };
}

function namesOf(name: unknown, names: unknown[] | undefined): string[] {
  if (name !== undefined && names) throw unprocessable("Send either name or names, not both.");
  const wanted = names ?? [name];
  if (wanted.length > maxNames) throw unprocessable(`Only ${maxNames} Droplets can be created at a time.`);
  if (wanted.length === 0) throw unprocessable("Droplet must have a name");
  return wanted.map(dropletName);
}

/** The name, or DigitalOcean's 422 for what cannot be one. */
export function dropletName(name: unknown): string {
  if (typeof name !== "string" || name === "") throw unprocessable("Droplet must have a name");
  if (name.length > 255) throw unprocessable("Name is too long (maximum is 255 characters)");
  if (!hostname.test(name)) throw unprocessable("Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)");
  return name;
}
