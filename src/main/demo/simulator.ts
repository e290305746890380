import { z } from "zod";

const state = z.object({
  droplets: z.array(
    z.object({ id: z.int(), name: z.string(), status: z.string(), public_ipv4: z.string().nullable() }),
  ),
  domains: z.array(z.object({ records: z.array(z.object({ type: z.string(), name: z.string(), data: z.string() })) })),
  created_total: z.int(),
  destroyed_total: z.int(),
  requests: z.object({ total: z.int() }),
});
const apps = z.object({
  apps: z.array(
    z.object({ address: z.string(), release: z.string().nullable(), answers: z.union([z.int(), z.string()]) }),
  ),
});
export type ProviderTruth = z.output<typeof state> & z.output<typeof apps>;

/** The simulator's control calls: what only the provider could know or do. */
export const demoSimulator = (url: string) => ({
  async failDnsRecords(): Promise<void> {
    const fault = { method: "POST", path: "^/v2/domains/[^/]+/records$", kind: "status", status: 422, times: 100 };
    const response = await fetch(`${url}/_sim/faults`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(fault),
    });
    if (!response.ok) throw new Error(`The fault was not armed: ${await response.text()}`);
  },
  apps: async () => apps.parse(await (await fetch(`${url}/_sim/apps`)).json()).apps,
  state: async (): Promise<z.output<typeof state>> => state.parse(await (await fetch(`${url}/_sim/state`)).json()),
});
