import type { RecordLine } from "./invariants.ts";
import { secrets, type Stage, zone } from "./stage/stage.ts";

/** What somebody had at the hostname before us. */
export const oldRecords = [
  { type: "A", name: "acme", data: "203.0.113.7", ttl: 600 },
  { type: "A", name: "acme", data: "203.0.113.8", ttl: 600 },
];

/** As somebody else who may, not through the product. */
export async function addDroplet({ simulator }: Stage, name: string): Promise<void> {
  const headers = { authorization: `Bearer ${secrets.token}` };
  const body = JSON.stringify({ name, region: "syd1", size: "s-1vcpu-1gb", image: "debian-13-x64" });
  await simulator.handle({ method: "POST", path: "/v2/droplets", headers, body });
}

/** As somebody else who may, too. */
export async function addRecord({ simulator }: Stage, record: RecordLine): Promise<void> {
  const headers = { authorization: `Bearer ${secrets.token}` };
  const request = { method: "POST", path: `/v2/domains/${zone}/records`, headers, body: JSON.stringify(record) };
  await simulator.handle(request);
}

/** And changes one. */
export async function changeRecord(
  { simulator }: Stage,
  id: number,
  { type, name, data, ttl }: Omit<RecordLine, "ttl"> & { readonly ttl: number | null },
): Promise<void> {
  const headers = { authorization: `Bearer ${secrets.token}` };
  const request = { method: "PUT", path: `/v2/domains/${zone}/records/${id}`, headers };
  await simulator.handle({ ...request, body: JSON.stringify({ type, name, data, ttl }) });
}
