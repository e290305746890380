import type { Truth } from "#proof/truth.ts";
import type { Store } from "./store.ts";
import { exists, never, tagsOf, valueOf } from "./world.ts";
import { stateOf } from "./works.ts";
import { zones } from "./zones.ts";

/** What is there now, whatever is shown of it. */
export function truthOf(store: Store, now: number): Truth {
  const machines = [...store.machines.values()].filter((it) => it.bornAt <= now);
  const live = machines.filter((it) => exists(it, now));
  return {
    droplets: live.map((it) => {
      const { status, size, image } = stateOf(store, it, now);
      const address = now >= it.addressAt ? it.address : null;
      return { id: it.id, name: it.name, status, size_slug: size, image, tags: tagsOf(it, now), public_ipv4: address };
    }),
    domains: zones.map((name) => ({
      name,
      records: [...store.records.values()]
        .filter((it) => it.zone === name && exists(it, now))
        .map((it) => ({ id: it.id, type: it.type, name: it.name, data: "", ttl: 0, ...valueOf(it, now) })),
    })),
    snapshots: [...store.snapshots.values()]
      .filter((it) => exists(it, now))
      .map((it) => ({ id: it.id, name: it.name, droplet_id: it.machine })),
    // This other DigitalOcean has none.
    volumes: [],
    volume_snapshots: [],
    // It has none.
    reserved_ips: [],
    tags: [...store.labels.values()].filter((it) => now < it.goneAt).map((it) => it.id),
    // Who gets an address that is given back has it at once.
    strangers: machines.filter((it) => it.goneAt <= now && it.addressAt <= it.goneAt).map((it) => it.address),
  };
}

/** Until when something will still happen by itself, or be shown otherwise than it is. */
export function restlessUntil(store: Store): number {
  const times: number[] = [];
  for (const thing of [...store.machines.values(), ...store.records.values(), ...store.snapshots.values()]) {
    if (thing.bornAt === never) continue;
    times.push(thing.bornAt + Math.max(...Object.values(thing.lag)), ...thing.hidden.map((it) => it.until));
    if (thing.goneAt < never) times.push(thing.goneAt + Math.max(...Object.values(thing.linger)));
    if (thing.kind === "machine") {
      times.push(thing.addressAt, ...thing.tags.flatMap((it) => [it.from, it.until]));
    }
    if (thing.kind === "record") times.push(...thing.values.map((it) => it.shownFrom));
  }
  for (const work of store.works.values()) times.push(work.endsAt, work.takesHoldAt);
  return Math.max(0, ...times.filter((at) => at < never));
}

/** The machines that were gone while a record led to their address, which a stranger has from that moment on. */
export function ledAstray(store: Store, now: number): string[] {
  const gone = [...store.machines.values()].filter((it) => it.goneAt <= now && it.addressAt <= it.goneAt);
  return gone.flatMap(({ id, address, goneAt }) =>
    [...store.records.values()]
      .filter((it) => exists(it, goneAt) && valueOf(it, goneAt)?.data === address)
      .map((it) => `droplet ${id} was gone while DNS record ${it.id} (${it.name}) led to ${address}`),
  );
}
