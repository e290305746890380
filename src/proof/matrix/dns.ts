import type { Reached } from "#simulator/apps.ts";
import type { Simulator } from "#simulator/simulator.ts";
import { parkingAddress, type RecordLine } from "../invariants.ts";
import { bystander, secrets, zone } from "../stage/stage.ts";

/** Somebody else who edits the zone, beside us. */
export interface Stranger {
  act(simulator: Simulator): void;
  /** What they left: it must stay. */
  readonly left: readonly RecordLine[];
  /** Changes for how long our records are believed, and nothing else. @returns whether there was one */
  retouch(simulator: Simulator): boolean;
  /**
   * Deletes our records that lead to something of ours, or are parked, and makes them anew, the same under other ids.
   * @returns whether there was one
   */
  remake(simulator: Simulator): boolean;
  /** Leads those elsewhere that they have made anew. */
  yield(simulator: Simulator): void;
  /** The ids of those that they have deleted, and of those that they have made. */
  readonly unmade: readonly number[];
  readonly remade: readonly { readonly id: number; readonly data: string }[];
  /** Makes a droplet under the name of one of ours, as of a snapshot of it that is restored: it has none of its tags. */
  copy(simulator: Simulator): void;
  /** @returns what does not hold of the copies, and of the records made anew: they must stay too */
  missing(simulator: Simulator): string[];
}

const elsewhere = "203.0.113.99";
/** Longer than ours. Seconds. */
const longerTtl = 900;

const headers = { authorization: `Bearer ${secrets.token}` };
const recordsPath = `/v2/domains/${zone}/records`;

/** Sent in a person's name: it has its effect at once, and nobody waits for the answer. */
const send = (simulator: Simulator, method: string, path: string, body?: object): void =>
  void simulator.handle({ method, path, headers, ...(body && { body: JSON.stringify(body) }) });

export function createStranger(): Stranger {
  const left: RecordLine[] = [];
  const copied: string[] = [];
  const unmade: number[] = [];
  const remade: { id: number; data: string }[] = [];
  const untagged = (simulator: Simulator) => simulator.state().droplets.filter(({ tags }) => tags.length === 0);
  const lead = (simulator: Simulator, { id, type, name, ttl }: TrueRecord): void => {
    left.push({ type, name, data: elsewhere, ttl });
    send(simulator, "PATCH", `${recordsPath}/${id}`, { data: elsewhere });
  };
  return {
    left,
    copy(simulator) {
      const [ours] = simulator.state().droplets;
      if (!ours) return;
      copied.push(ours.name);
      const { name, region, size_slug: size } = ours;
      const body = { name, region, size, image: "ubuntu-24-04-x64" };
      send(simulator, "POST", "/v2/droplets", body);
    },
    missing(simulator) {
      const there = new Set(recordsIn(simulator).map(({ id }) => id));
      return [
        ...(untagged(simulator).length < copied.length
          ? [`4: somebody's copy of droplet ${copied[0]} was destroyed`]
          : []),
        ...remade
          // What leads to nothing of ours any more goes as a late create of ours would (rule 25).
          .filter(({ id, data }) => !there.has(id) && !unmade.includes(id) && heldIn(simulator).includes(data))
          .map(({ id }) => `4: DNS record ${id}, which somebody had made anew, was removed`),
      ];
    },
    act(simulator) {
      for (const record of oursIn(simulator)) lead(simulator, record);
    },
    unmade,
    remade,
    retouch(simulator) {
      const ours = oursIn(simulator);
      for (const { id } of ours) send(simulator, "PATCH", `${recordsPath}/${id}`, { ttl: longerTtl });
      return ours.length > 0;
    },
    remake(simulator) {
      const ours = ledIn(simulator);
      for (const { id, type, name, data, ttl } of ours) {
        const known = new Set(recordsIn(simulator).map((it) => it.id));
        send(simulator, "POST", recordsPath, { type, name, data, ttl });
        send(simulator, "DELETE", `${recordsPath}/${id}`);
        unmade.push(id);
        remade.push(...recordsIn(simulator).flatMap((it) => (known.has(it.id) ? [] : [{ id: it.id, data }])));
      }
      return ours.length > 0;
    },
    yield(simulator) {
      for (const record of oursIn(simulator)) if (remade.some(({ id }) => id === record.id)) lead(simulator, record);
    },
  };
}

const recordsIn = (simulator: Simulator) => simulator.state().domains.flatMap((domain) => domain.records);
type TrueRecord = ReturnType<typeof recordsIn>[number];

/** But for what leads to a deployment beside it. */
const oursIn = (simulator: Simulator): TrueRecord[] =>
  recordsIn(simulator).filter(({ type, name }) => type === "A" && name !== bystander);

/** The addresses of what is there. */
function heldIn(simulator: Simulator): string[] {
  const { droplets, reserved_ips } = simulator.state();
  return [...droplets.flatMap((it) => it.public_ipv4 ?? []), ...reserved_ips.map(({ ip }) => ip)];
}

/** Those that lead to what is there, or nowhere: to make one that leads to a stranger is a person's own doing. */
const ledIn = (simulator: Simulator): TrueRecord[] =>
  oursIn(simulator).filter(({ data }) => data === parkingAddress || heldIn(simulator).includes(data));

/** What a person can do to a record of ours that is there. */
export const handsAt = (simulator: Simulator): ("retouch" | "remake")[] => [
  ...(oursIn(simulator).length > 0 ? ["retouch" as const] : []),
  ...(ledIn(simulator).length > 0 ? ["remake" as const] : []),
];

/** Who may be led where, by records that are there or were. */
export interface Led {
  /**
   * @param isLost whether somebody has destroyed a droplet: where none is left, a reserved IP leads to the one that is destroyed
   * @returns what does not hold of a call that is about to reach the provider
   */
  sees(
    simulator: Simulator,
    call: { readonly method: string; readonly path: string },
    now: number,
    isLost: boolean,
  ): string[];
}

/**
 * A droplet must not be destroyed while a record leads to it, nor before the TTL of the last that did has run out, nor a
 * reserved IP released: its address goes to a stranger (rule 20).
 * @param drains whether what others believe of a record is waited out
 */
export function createLed(drains: boolean): Led {
  const until = new Map<string, number>();
  return {
    sees(simulator, { method, path }, now, isLost) {
      const records = recordsIn(simulator).filter(({ type }) => type === "A");
      for (const { data, ttl } of records) until.set(data, now + ttl * 1000);
      const [, kind, id] = /^\/v2\/(droplets|reserved_ips)\/([\d.]+)$/.exec(path) ?? [];
      if (method !== "DELETE" || id === undefined) return [];
      const [what, addresses] =
        kind === "droplets"
          ? [`droplet ${id} is destroyed`, addressesOf(simulator, Number(id), isLost)]
          : [`reserved IP ${id} is released`, [id]];
      const leading = records.filter(({ data }) => addresses.includes(data));
      const early = Math.max(...addresses.map((it) => until.get(it) ?? 0)) - now;
      if (drains && leading.length === 0 && early > 0)
        return [`4: ${what} ${early / 1000} s before the TTL of its record has run out`];
      return leading.map((record) => `4: ${what} while DNS record ${record.id} leads to it`);
    },
  };
}

/** Its own, and the reserved one that leads to it. */
function addressesOf(simulator: Simulator, dropletId: number, isLost: boolean): string[] {
  const { droplets, reserved_ips } = simulator.state();
  const own = droplets.filter(({ id }) => id === dropletId).flatMap(({ public_ipv4: address }) => address ?? []);
  const reserved = isLost ? [] : reserved_ips.filter((it) => it.droplet_id === dropletId);
  return [...own, ...reserved.map(({ ip }) => ip)];
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
