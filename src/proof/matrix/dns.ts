import type { Reached } from "#simulator/apps.ts";
import type { Simulator } from "#simulator/simulator.ts";
import type { RecordLine } from "../invariants.ts";
import { bystander, secrets, zone } from "../stage/stage.ts";

/** Somebody else who edits the zone, beside us. */
export interface Stranger {
  act(simulator: Simulator): void;
  /** What they left: it must stay. */
  readonly left: readonly RecordLine[];
  /** Makes a droplet under the name of one of ours, as of a snapshot of it that is restored: it has none of its tags. */
  copy(simulator: Simulator): void;
  /** @returns what does not hold of the copies: they must stay too */
  missing(simulator: Simulator): string[];
}

const elsewhere = "203.0.113.99";

export function createStranger(): Stranger {
  const left: RecordLine[] = [];
  const copied: string[] = [];
  const untagged = (simulator: Simulator) => simulator.state().droplets.filter(({ tags }) => tags.length === 0);
  return {
    left,
    copy(simulator) {
      const [ours] = simulator.state().droplets;
      if (!ours) return;
      copied.push(ours.name);
      const { name, region, size_slug: size } = ours;
      const body = JSON.stringify({ name, region, size, image: "ubuntu-24-04-x64" });
      const headers = { authorization: `Bearer ${secrets.token}` };
      void simulator.handle({ method: "POST", path: "/v2/droplets", headers, body });
    },
    missing: (simulator) =>
      untagged(simulator).length >= copied.length ? [] : [`4: somebody's copy of droplet ${copied[0]} was destroyed`],
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

/** Who may be led where, by records that are there or were. */
export interface Led {
  /** @returns what does not hold of a call that is about to reach the provider */
  sees(simulator: Simulator, call: { readonly method: string; readonly path: string }, now: number): string[];
}

/**
 * A droplet must not be destroyed while a record leads to it, nor before the TTL of the last that did has run out, nor a
 * reserved IP released: its address goes to a stranger (rule 20).
 */
export function createLed(): Led {
  const until = new Map<string, number>();
  return {
    sees(simulator, { method, path }, now) {
      const records = recordsIn(simulator).filter(({ type }) => type === "A");
      for (const { data, ttl } of records) until.set(data, now + ttl * 1000);
      const [, kind, id] = /^\/v2\/(droplets|reserved_ips)\/([\d.]+)$/.exec(path) ?? [];
      if (method !== "DELETE" || id === undefined) return [];
      const [what, addresses] =
        kind === "droplets"
          ? [`droplet ${id} is destroyed`, addressesOf(simulator, Number(id))]
          : [`reserved IP ${id} is released`, [id]];
      const leading = records.filter(({ data }) => addresses.includes(data));
      const early = Math.max(...addresses.map((it) => until.get(it) ?? 0)) - now;
      if (leading.length === 0 && early > 0)
        return [`4: ${what} ${early / 1000} s before the TTL of its record has run out`];
      return leading.map((record) => `4: ${what} while DNS record ${record.id} leads to it`);
    },
  };
}

/** Its own, and the reserved one that leads to it. */
function addressesOf(simulator: Simulator, dropletId: number): string[] {
  const { droplets, reserved_ips } = simulator.state();
  const own = droplets.filter(({ id }) => id === dropletId).flatMap(({ public_ipv4: address }) => address ?? []);
  return [...own, ...reserved_ips.filter((it) => it.droplet_id === dropletId).map(({ ip }) => ip)];
}

/** No record may lead to a stranger's address, but for droplets that somebody else destroyed behind our back. */
export function recordsToStrangers(simulator: Simulator, excused: ReadonlySet<string>): string[] {
  const { strangers } = simulator.state();
  if (strangers.length === 0) return [];
  const theirs = new Set(strangers.filter((address) => !excused.has(address)));
  return recordsIn(simulator)
    .filter(({ type, data }) => type === "A" && theirs.has(data))
    .map(({ id, data }) => `12: DNS record ${id} leads to ${data}, which a stranger has by now`);
}

/** A hostname that is served leads to a droplet that is there and whose app answers: at every moment, whatever goes on. */
export function unserved(simulator: Simulator, hostname: string): string[] {
  const name = hostname.slice(0, -(zone.length + 1));
  const led = recordsIn(simulator).filter((it) => it.type === "A" && it.name === name);
  return led.length === 1 && led.every(({ data }) => answers(simulator.reach(data)))
    ? []
    : [`14: ${hostname} leads to ${led.map(({ data }) => data).join() || "nothing"}, where no app answers`];
}

const answers = (reached: Reached): boolean => typeof reached === "object" && reached.status === 200;
