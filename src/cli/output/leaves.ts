import type { SagaLeaves } from "#api/sagas.ts";
import { printable } from "./printable.ts";

/** What it has at the provider, on one line. */
export function leavesOf(leaves: SagaLeaves | null): string | null {
  const droplets = leaves?.droplets.map(
    ({ provider_id: id, name }) => `droplet ${id ?? "of unknown id"} (${name ?? "?"})`,
  );
  const records = leaves?.dns_records.map(
    ({ id, name, type }) => `DNS record ${id ?? "of unknown id"} (${name} ${type})`,
  );
  const reserved = leaves?.reserved_ips.map(({ ip, region }) => `reserved IP ${ip ?? "not known"} (${region})`);
  return printable([...(droplets ?? []), ...(records ?? []), ...(reserved ?? [])].join(", "));
}
