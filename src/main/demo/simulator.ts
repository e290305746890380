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

async function post(url: string, body: object): Promise<void> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`The simulator refused ${url}: ${await response.text()}`);
}

/** The simulator's control calls: what only the provider could know or do. */
export const demoSimulator = (url: string) => ({
  failDnsRecords: () =>
    post(`${url}/_sim/faults`, {
      method: "POST",
      path: "^/v2/domains/[^/]+/records$",
      kind: "status",
      status: 422,
      times: 100,
    }),
  async healDnsRecords(): Promise<void> {
    await fetch(`${url}/_sim/faults`, { method: "DELETE" });
  },
  /** From now on the app of this release does not come up. */
  neverStart: (release: string) => post(`${url}/_sim/apps`, { release, state: "never" }),
  /** As a user would: by what DNS says at this moment. @returns the release that answers, or why nobody does */
  async ask(hostname: string): Promise<string> {
    const { domains } = state.parse(await (await fetch(`${url}/_sim/state`)).json());
    const records = domains.flatMap((domain) => domain.records).filter(({ type }) => type === "A");
    const led = records.find(({ name }) => hostname.startsWith(`${name}.`))?.data;
    const all = apps.parse(await (await fetch(`${url}/_sim/apps`)).json()).apps;
    const app = all.find(({ address }) => address === led);
    return app?.answers === 200
      ? (app.release ?? "")
      : `nobody: ${app?.answers ?? "no droplet"} at ${led ?? "no address"}`;
  },
  apps: async () => apps.parse(await (await fetch(`${url}/_sim/apps`)).json()).apps,
  state: async (): Promise<z.output<typeof state>> => state.parse(await (await fetch(`${url}/_sim/state`)).json()),
});
