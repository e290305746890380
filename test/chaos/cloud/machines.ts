import { imageView, images, regions, regionView, sizes, sizeView } from "./catalogue.ts";
import { type Answer, type Call, iso, notFound, pageOf, refused } from "./call.ts";
import { lag, lags } from "./lag.ts";
import { exists, isShown, type Machine, never, tagsOf } from "./world.ts";
import { stateOf } from "./works.ts";
import { labelMachine } from "./labels.ts";

const dropletLimit = 5000;
const hostname = /^[a-zA-Z0-9]?[a-z0-9A-Z.-]*[a-z0-9A-Z]$/;
const label = /^[a-zA-Z0-9_\-:]{1,255}$/;

export const machineNamed = ({ store }: Call, id: string | undefined): Machine | undefined =>
  store.machines.get(Number(id));

/** Whoever is given a new address has it for good; the octets that end with 0 and 255 are left out. */
const addressOf = (id: number): string => {
  const nth = Math.floor(id / 7);
  return `198.19.${Math.floor(nth / 254) % 256}.${(nth % 254) + 1}`;
};

export function createMachine(call: Call): Answer {
  const { store, body, draw, from, now, isCalm } = call;
  const { name, region, size, image, tags = [], user_data: userData = "" } = body;
  if (typeof name !== "string" || !hostname.test(name))
    return refused("Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)");
  if (typeof region !== "string" || !regions.includes(region)) return refused("Region is not available");
  const found = sizes.find(({ slug }) => slug === size);
  if (!found) return refused("You specified an invalid size for Droplet creation.");
  const snapshot = typeof image === "number" ? store.snapshots.get(image) : undefined;
  if (!images.some(({ slug }) => slug === image) && !(snapshot && exists(snapshot, now)))
    return refused("You specified an invalid image for Droplet creation.");
  if (!Array.isArray(tags) || !tags.every((it) => typeof it === "string" && label.test(it)))
    return refused("Tags contain invalid characters");
  if (typeof userData !== "string" || userData.length > 65_536) return refused("user data is too long");
  if ([...store.machines.values()].filter((it) => exists(it, now)).length >= dropletLimit)
    return refused("creating this/these droplet(s) will exceed your droplet limit");

  const id = store.nextId();
  const sort = isCalm ? 1 : draw();
  const bootMs = sort < 0.02 ? never : sort < 0.1 ? 12_000 * draw() : 500 + 2500 * draw();
  const bootsAt = Math.min(never, from + bootMs);
  // Some that find no place are away again after a while.
  const goneAt = bootsAt === never && draw() < 0.5 ? Math.min(never, from + 8000) : never;
  const machine: Machine = {
    kind: "machine",
    id,
    name,
    region,
    size: found.slug,
    image: String(image),
    address: addressOf(id),
    bornAt: from,
    bootsAt,
    addressAt: bootsAt + lag(call) / 3,
    goneAt,
    lag: lags(call),
    linger: lags(call),
    hidden: [],
    tags: [],
  };
  const taggedAt = Math.min(never, from + Math.min(2000, lag(call)));
  for (const tag of tags as string[]) labelMachine(call, machine, tag, taggedAt);
  store.put(machine);
  const action = { id: store.nextId(), rel: "create", href: "https://api.digitalocean.com/v2/actions/1" };
  const shown = { ...machineView(call, machine), status: "new", tags, networks: { v4: [], v6: [] } };
  return { status: 202, body: { droplet: shown, links: { actions: [action] } } };
}

export function listMachines(call: Call): Answer {
  const { store, query, now } = call;
  const [tag, name] = [query.get("tag_name")?.toLowerCase(), query.get("name")?.toLowerCase()];
  if (tag !== undefined && name !== undefined) return refused("tag_name and name cannot be combined");
  const view = tag !== undefined ? "tag" : name !== undefined ? "name" : "all";
  const shown = [...store.machines.values()].filter(
    (it) =>
      isShown(it, view, now) &&
      (name === undefined || it.name.toLowerCase() === name) &&
      (tag === undefined || tagsOf(it, now).some((own) => own.toLowerCase() === tag)),
  );
  return pageOf(call, "droplets", shown, (it) => machineView(call, it));
}

export function getMachine(call: Call): Answer {
  const machine = machineNamed(call, call.path[1]);
  return machine && isShown(machine, "id", call.now)
    ? { status: 200, body: { droplet: machineView(call, machine) } }
    : notFound();
}

export function deleteMachine(call: Call): Answer {
  const { store, now, from, draw, isCalm } = call;
  const machine = machineNamed(call, call.path[1]);
  if (!machine || !isShown(machine, "id", now)) return notFound();
  if (!isCalm && now < machine.bootsAt) {
    const sort = draw();
    if (sort < 0.25) return refused("Droplet already has a pending event.");
    if (sort < 0.5) return { status: 204 };
  }
  const takesMs = isCalm ? 0 : draw() < 0.05 ? 12_000 * draw() : 2000 * draw();
  const goneAt = Math.min(machine.goneAt, never, from + takesMs);
  store.put({ ...machine, goneAt });
  return { status: 204 };
}

export function machineView(call: Call, machine: Machine): object {
  const { id, name, region } = machine;
  const state = stateOf(call.store, machine, call.now);
  const size = sizeView(state.size);
  const own = [...call.store.snapshots.values()].filter((it) => it.machine === id && exists(it, call.now));
  const tail = `${(id >> 8) & 255}.${id & 255}`;
  const priv = { ip_address: `10.20.${tail}`, netmask: "255.255.0.0", gateway: "nil", type: "private" };
  const pub = { ip_address: machine.address, netmask: "255.255.240.0", gateway: "198.19.0.1", type: "public" };
  return {
    id,
    name,
    memory: size.memory,
    vcpus: size.vcpus,
    // A resize without `disk` leaves it as it was.
    disk: sizeView(machine.size).disk,
    locked: state.status === "new",
    status: state.status,
    kernel: null,
    created_at: iso(Math.min(machine.bornAt, call.now)),
    features: [],
    backup_ids: [],
    next_backup_window: null,
    snapshot_ids: own.map((it) => it.id),
    image: imageView(state.image),
    volume_ids: [],
    size,
    size_slug: state.size,
    networks: { v4: call.now >= machine.addressAt ? [priv, pub] : [], v6: [] },
    region: regionView(region),
    tags: tagsOf(machine, call.now),
    vpc_uuid: "0b6f2f2e-30b6-4f0a-9d3e-6d5f6f1f9c11",
  };
}
