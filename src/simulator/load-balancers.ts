import { z } from "zod";
import { bodyOf, type Call, iso, type Reply } from "./call.ts";
import { findRegion } from "./catalogue.ts";
import { seededUuid } from "./chance.ts";
import { unprocessable } from "./errors.ts";
import { page } from "./pagination.ts";
import { findTag } from "./tags.ts";

const protocol = z.enum(["http", "https", "http2", "http3", "tcp", "udp"]);
const port = z.number().int().min(1).max(65_535);
const rule = z.object({ entry_protocol: protocol, entry_port: port, target_protocol: protocol, target_port: port });

/** As the API says it, as far as it says to whom it leads. */
export const loadBalancerSchema = z.object({
  id: z.string(),
  name: z.string(),
  region: z.string(),
  dropletIds: z.array(z.number().int()),
  /** Instead of ids: every droplet that has it. */
  tag: z.string(),
  rules: z.array(rule),
  createdAt: z.number().int(),
});

export type LoadBalancer = z.infer<typeof loadBalancerSchema>;

const shape = z.object({
  name: z.string().default(""),
  region: z.string().default(""),
  droplet_ids: z.array(z.number().int()).nullish(),
  tag: z.string().nullish(),
  forwarding_rules: z.array(rule).min(1),
});

const body = ({ id, name, region, dropletIds, tag, rules, createdAt }: LoadBalancer): object => ({
  id,
  name,
  ip: "",
  size_unit: 1,
  status: "new",
  created_at: iso(createdAt),
  region: findRegion(region),
  forwarding_rules: rules,
  droplet_ids: dropletIds,
  tag,
  redirect_http_to_https: false,
  enable_proxy_protocol: false,
});

/** GET /v2/load_balancers */
export const listLoadBalancers = (call: Call): Reply =>
  page(call, "load_balancers", [...call.account.loadBalancers.values()], body);

/** POST /v2/load_balancers: it never gets an address, and nothing goes through it. */
export function createLoadBalancer(call: Call): Reply {
  const { account } = call;
  const { name, region, droplet_ids, tag, forwarding_rules: rules } = bodyOf(call, shape);
  if (name === "") throw unprocessable("name can't be blank");
  if (!findRegion(region)) throw unprocessable("region is not available");
  const dropletIds = [...new Set(droplet_ids)];
  if (tag && dropletIds.length > 0) throw unprocessable("droplet_ids and tag cannot both be given");
  if (tag && !findTag(account, tag)) throw unprocessable(`tag ${tag} is not found`);
  for (const id of dropletIds) {
    const droplet = account.droplets.get(id);
    if (!droplet || droplet.deletion) throw unprocessable(`droplet ${id} is not found`);
  }
  const id = seededUuid(account.seed, `load balancer ${account.nextId++}`);
  const made: LoadBalancer = { id, name, region, dropletIds, tag: tag ?? "", rules, createdAt: call.now };
  account.loadBalancers.set(id, made);
  return { status: 202, body: { load_balancer: body(made) } };
}
