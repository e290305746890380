import type { Simulator } from "#simulator/simulator.ts";
import type { RecordLine } from "../invariants.ts";
import { bystander, secrets, zone } from "../stage/stage.ts";

/** Somebody else who edits the zone, beside us. */
export interface Stranger {
  act(simulator: Simulator): void;
  /** What they left: it must stay. */
  readonly left: readonly RecordLine[];
}

const elsewhere = "203.0.113.99";

export function createStranger(): Stranger {
  const left: RecordLine[] = [];
  return {
    left,
    act(simulator) {
      for (const { id, type, name, ttl } of recordsIn(simulator)) {
        if (type !== "A" || name === bystander) continue;
        left.push({ type, name, data: elsewhere, ttl });
        const request = {
          headers: { authorization: `Bearer ${secrets.token}` },
          body: JSON.stringify({ data: elsewhere }),
        };
        void simulator.handle({ method: "PATCH", path: `/v2/domains/${zone}/records/${id}`, ...request });
      }
    },
  };
}

const recordsIn = (simulator: Simulator) => simulator.state().domains.flatMap((domain) => domain.records);

/** No record may lead to a stranger's address, but for droplets that somebody else destroyed behind our back. */
export function recordsToStrangers(simulator: Simulator, excused: ReadonlySet<string>): string[] {
  const { strangers } = simulator.state();
  if (strangers.length === 0) return [];
  const theirs = new Set(strangers.filter((address) => !excused.has(address)));
  return recordsIn(simulator)
    .filter(({ type, data }) => type === "A" && theirs.has(data))
    .map(({ id, data }) => `12: DNS record ${id} leads to ${data}, which a stranger has by now`);
}

/** A droplet must not be destroyed while a record leads to it: its address goes to a stranger (rule 19). */
export function danglingRecords(simulator: Simulator, method: string, path: string): string[] {
  const id = /^\/v2\/droplets\/(\d+)$/.exec(path)?.[1];
  if (method !== "DELETE" || id === undefined) return [];
  const droplet = simulator.state().droplets.find((it) => it.id === Number(id));
  return recordsIn(simulator)
    .filter((record) => record.type === "A" && record.data === droplet?.public_ipv4)
    .map((record) => `4: droplet ${id} is destroyed while DNS record ${record.id} leads to it`);
}
