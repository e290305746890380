import { z } from "zod";

const target = z.object({
  addresses: z.array(z.string()).optional(),
  droplet_ids: z.array(z.number().int()).optional(),
  load_balancer_uids: z.array(z.string()).optional(),
  kubernetes_ids: z.array(z.string()).optional(),
  tags: z.array(z.string()).optional(),
});
const common = { protocol: z.enum(["tcp", "udp", "icmp"]), ports: z.string().default("0") };

export const rulesShape = z.object({
  inbound_rules: z.array(z.object({ ...common, sources: target })).nullish(),
  outbound_rules: z.array(z.object({ ...common, destinations: target })).nullish(),
});

/** As the API says it: there is nothing to a firewall here but what was written. */
export const firewallSchema = z.object({
  id: z.string(),
  name: z.string(),
  inbound_rules: rulesShape.shape.inbound_rules.unwrap().unwrap(),
  outbound_rules: rulesShape.shape.outbound_rules.unwrap().unwrap(),
  droplet_ids: z.array(z.number().int()),
  tags: z.array(z.string()),
  createdAt: z.number().int(),
});

export type Firewall = z.infer<typeof firewallSchema>;
export type Rules = Pick<Firewall, "inbound_rules" | "outbound_rules">;
