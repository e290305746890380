import { z } from "zod";
import { bodyOf, type Call, iso, param, type Reply } from "./call.ts";
import { findRegion } from "./catalogue.ts";
import { seededUuid } from "./chance.ts";
import { isListed } from "./droplet-view.ts";
import { ApiError, notFound, unprocessable } from "./errors.ts";
import { page } from "./pagination.ts";
import type { Vpc } from "./vpc.ts";

const shape = z.object({
  name: z.string().optional(),
  description: z.string().nullish(),
  region: z.string().optional(),
  ip_range: z.cidrv4().nullish(),
  default: z.boolean().nullish(),
});

const body = (vpc: Vpc): object => ({
  id: vpc.id,
  urn: `do:vpc:${vpc.id}`,
  name: vpc.name,
  description: vpc.description,
  region: vpc.region,
  ip_range: vpc.ipRange,
  default: vpc.isDefault,
  created_at: iso(vpc.createdAt),
});

const answer = (status: number, vpc: Vpc): Reply => ({ status, body: { vpc: body(vpc) } });

function vpcOfPath(call: Call): Vpc {
  const vpc = call.account.vpcs.get(param(call, 0));
  if (!vpc) throw notFound();
  return vpc;
}

/** Throws the 422 unless it can be the name of `vpc` beside the others. */
function checkName(call: Call, name: string, id?: string): void {
  if (!/^[a-zA-Z0-9.-]{1,255}$/.test(name)) throw unprocessable("Name may contain a-z, A-Z, 0-9, . and -");
  if ([...call.account.vpcs.values()].some((each) => each.name === name && each.id !== id))
    throw unprocessable("Name is already in use");
}

function checkDescription(description: string | null | undefined): void {
  if ((description ?? "").length > 255) throw unprocessable("Description is too long (maximum is 255 characters)");
}

interface Range {
  /** The first address and the last, as numbers. */
  readonly from: number;
  readonly to: number;
  readonly bits: number;
}

function rangeOf(cidr: string): Range {
  const [address = "", bits = ""] = cidr.split("/");
  const number = address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const size = 2 ** (32 - Number(bits));
  const from = Math.floor(number / size) * size;
  return { from, to: from + size - 1, bits: Number(bits) };
}

/** RFC 1918. */
const privateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map(rangeOf);

const isFree = (call: Call, { from, to }: Range): boolean =>
  [...call.account.vpcs.values()].map((each) => rangeOf(each.ipRange)).every((it) => to < it.from || it.to < from);

/** Throws the 422 for a range that no network of this account can have. */
function checkRange(call: Call, cidr: string): void {
  const range = rangeOf(cidr);
  if (range.bits < 16 || range.bits > 28) throw unprocessable("ip_range must be from /16 to /28");
  if (!privateRanges.some(({ from, to }) => from <= range.from && range.to <= to))
    throw unprocessable("ip_range must be within the private addresses of RFC1918");
  if (!isFree(call, range)) throw unprocessable("ip_range overlaps with another network of the account");
}

/** A /20 that conflicts with no other network of the account. */
function freeRange(call: Call): string {
  const all = Array.from({ length: 128 }, (_, index) => `10.${116 + index}.0.0/20`);
  const free = all.find((cidr) => isFree(call, rangeOf(cidr)));
  if (free === undefined) throw unprocessable("there is no free range for another VPC");
  return free;
}

/** GET /v2/vpcs */
export const listVpcs = (call: Call): Reply => page(call, "vpcs", [...call.account.vpcs.values()], body);

/** GET /v2/vpcs/{id} */
export const getVpc = (call: Call): Reply => answer(200, vpcOfPath(call));

/** POST /v2/vpcs */
export function createVpc(call: Call): Reply {
  const { account } = call;
  const sent = bodyOf(call, shape);
  const { name = "", region = "" } = sent;
  checkName(call, name);
  checkDescription(sent.description);
  if (!findRegion(region)) throw unprocessable("Region is not available");
  if (sent.ip_range) checkRange(call, sent.ip_range);
  const id = seededUuid(account.seed, `vpc ${account.nextId++}`);
  const vpc: Vpc = {
    id,
    name,
    description: sent.description ?? "",
    region,
    ipRange: sent.ip_range ?? freeRange(call),
    isDefault: false,
    createdAt: call.now,
  };
  account.vpcs.set(id, vpc);
  return answer(201, vpc);
}

/** PUT and PATCH /v2/vpcs/{id}: name, description, and being the region's default one, which can only be taken on. */
export function updateVpc(call: Call): Reply {
  const vpc = vpcOfPath(call);
  const sent = bodyOf(call, shape);
  if (sent.name !== undefined) checkName(call, sent.name, vpc.id);
  checkDescription(sent.description);
  vpc.name = sent.name ?? vpc.name;
  vpc.description = sent.description ?? vpc.description;
  if (sent.default === true && !vpc.isDefault) {
    for (const each of call.account.vpcs.values()) if (each.region === vpc.region) each.isDefault = false;
    vpc.isDefault = true;
  }
  return answer(200, vpc);
}

/** DELETE /v2/vpcs/{id}: neither the default one nor one that has members (terraform-provider's resource_vpc.go). */
export function deleteVpc(call: Call): Reply {
  const vpc = vpcOfPath(call);
  if (vpc.isDefault) throw new ApiError(403, "Can not delete default VPC");
  if (membersOf(call, vpc).length > 0) throw new ApiError(403, "Can not delete VPC with members");
  call.account.vpcs.delete(vpc.id);
  return { status: 204 };
}

const membersOf = (call: Call, vpc: Vpc) =>
  [...call.account.droplets.values()].filter((droplet) => droplet.vpc === vpc.id && isListed(droplet, call.now));

/** GET /v2/vpcs/{id}/members: of one type, or all; there are none but droplets. */
export function listVpcMembers(call: Call): Reply {
  const members = membersOf(call, vpcOfPath(call));
  const type = call.query.get("resource_type");
  return page(call, "members", type === null || type === "droplet" ? members : [], (droplet) => ({
    name: droplet.name,
    urn: `do:droplet:${droplet.id}`,
    created_at: iso(droplet.createdAt),
  }));
}
