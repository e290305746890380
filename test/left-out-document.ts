import { z } from "zod";

// DigitalOcean's document that lies beside the checkout has no load balancers. What their API reference says of them
// (https://docs.digitalocean.com/reference/api/, specification/resources/load_balancers of github.com/digitalocean/openapi),
// as far as the simulator answers it, is written down here; a field that is not named here is none of theirs.

const protocol = z.enum(["http", "https", "http2", "http3", "tcp", "udp"]);
const port = z.int().min(1).max(65_535);

const loadBalancer = z.strictObject({
  id: z.uuid(),
  name: z.string(),
  /** Empty until it has one. */
  ip: z.union([z.literal(""), z.ipv4()]),
  size_unit: z.int().min(1).max(100),
  status: z.enum(["new", "active", "errored"]),
  created_at: z.iso.datetime(),
  /** As a whole, whatever was sent. */
  region: z.looseObject({
    name: z.string(),
    slug: z.string(),
    features: z.array(z.string()),
    available: z.boolean(),
    sizes: z.array(z.string()),
  }),
  forwarding_rules: z
    .array(
      z.strictObject({
        entry_protocol: protocol,
        entry_port: port,
        target_protocol: protocol,
        target_port: port,
        certificate_id: z.string().optional(),
        tls_passthrough: z.boolean().optional(),
      }),
    )
    .min(1),
  droplet_ids: z.array(z.int()),
  tag: z.string(),
  redirect_http_to_https: z.boolean(),
  enable_proxy_protocol: z.boolean(),
});

const list = z.strictObject({
  load_balancers: z.array(loadBalancer),
  links: z.object({}),
  meta: z.object({ total: z.int() }),
});
const refusal = z.looseObject({ id: z.string(), message: z.string() });

const answers: Readonly<Record<string, z.ZodType>> = {
  "GET /v2/load_balancers 200": list,
  "POST /v2/load_balancers 202": z.strictObject({ load_balancer: loadBalancer }),
};

/** Whether an operation, as `GET /v2/load_balancers`, is one that the document leaves out. */
export const isLeftOut = (operation: string): boolean => operation.endsWith(" /v2/load_balancers");

/** A fault in an answer of an operation that the document leaves out, or nothing. */
export function checkLeftOut(operation: string, status: number, body: unknown): string | undefined {
  const schema = status < 400 ? answers[`${operation} ${status}`] : refusal;
  if (!schema) return `${operation} does not answer ${status}`;
  const { error } = schema.safeParse(body);
  return error && `${operation} ${status}: ${z.prettifyError(error)}`;
}
