import { images, sizes } from "./catalogue.ts";
import { type Answer, type Call, iso, notFound, pageOf, refused } from "./call.ts";
import { lags } from "./lag.ts";
import type { Store } from "./store.ts";
import { exists, isShown, type Machine, never, type Work } from "./world.ts";

export interface MachineState {
  readonly status: "new" | "active" | "off";
  readonly size: string;
  readonly image: string;
}

/** As it is now, by all that has taken hold on it. */
export function stateOf(store: Store, machine: Machine, now: number): MachineState {
  let state: MachineState = {
    status: now >= machine.bootsAt ? "active" : "new",
    size: machine.size,
    image: machine.image,
  };
  const held = worksOf(store, machine.id).filter((it) => it.takesHoldAt <= now);
  for (const { type, goal } of held.toSorted((a, b) => a.takesHoldAt - b.takesHoldAt || a.id - b.id)) {
    if (type === "power_on" || type === "rebuild") state = { ...state, status: "active" };
    if (type === "power_off" || type === "shutdown") state = { ...state, status: "off" };
    if (type === "resize") state = { ...state, size: goal ?? state.size };
    if (type === "rebuild") state = { ...state, image: goal ?? state.image };
  }
  return state;
}

const worksOf = (store: Store, machine: number): Work[] =>
  [...store.works.values()].filter((it) => it.machine === machine);

/** An action that does not end keeps its machine busy for so long. Milliseconds. */
const longestMs = 20_000;

export function startWork(call: Call): Answer {
  const { store, now, from, body, draw, isCalm } = call;
  const machine = store.machines.get(Number(call.path[1]));
  if (!machine || !isShown(machine, "id", now)) return notFound();
  const { type } = body;
  const all = worksOf(store, machine.id);
  if (all.some((it) => it.endsAt > now) || now < machine.bootsAt)
    return refused("Droplet already has a pending event.");
  const state = stateOf(store, machine, now);
  const [goal, fault] = goalOf(call, machine, state);
  if (fault !== undefined || typeof type !== "string") return refused(fault ?? "Type is invalid");

  const sort = isCalm ? 1 : draw();
  const failed = sort < 0.04;
  const takesMs = isCalm ? 0 : Math.min(longestMs, 300 + (sort > 0.9 ? 9000 : 2000) * draw());
  const endsAt = Math.min(from, now + longestMs) + takesMs;
  // A shutdown is a request to the system on it; "completed" can come before it shows.
  const isIgnored = failed || from === never || (type === "shutdown" && draw() < 0.2);
  const takesHoldAt = isIgnored ? never : sort < 0.1 ? endsAt + 2500 * draw() : endsAt;
  const work: Work = {
    kind: "work",
    id: store.nextId(),
    machine: machine.id,
    type,
    goal,
    startedAt: now,
    endsAt,
    failed,
    takesHoldAt,
  };
  if (from < never) store.put(work);
  if (type === "snapshot" && !isIgnored)
    store.put({
      kind: "snapshot",
      id: store.nextId(),
      name: goal ?? "",
      machine: machine.id,
      region: machine.region,
      disk: sizes.find(({ slug }) => slug === machine.size)?.disk ?? 25,
      bornAt: takesHoldAt,
      goneAt: never,
      lag: lags(call),
      linger: lags(call),
      hidden: [],
    });
  return { status: 201, body: { action: workView(work, now) } };
}

/** What it is to become, or what is wrong with that. */
function goalOf({ body, store, now }: Call, machine: Machine, state: MachineState): [string | undefined, string?] {
  const { type, size, image, name } = body;
  if (type === "power_on" || type === "power_off" || type === "shutdown") return [undefined];
  if (type === "snapshot") return typeof name === "string" ? [name] : [undefined, "Name is missing"];
  if (type === "resize") {
    const [was, wanted] = [machine.size, size].map((slug) => sizes.find((it) => it.slug === slug));
    if (!wanted || !was) return [undefined, "You specified an invalid size."];
    if (wanted.disk < was.disk) return [undefined, "Size can not decrease size of Droplet's disk image"];
    return state.status === "off" ? [wanted.slug] : [undefined, "Droplet must be powered off to be resized."];
  }
  if (type === "rebuild") {
    const made = store.snapshots.get(Number(image));
    const isKnown = images.some(({ slug, id }) => slug === image || id === image) || (made && exists(made, now));
    return isKnown ? [String(image)] : [undefined, "You specified an invalid image."];
  }
  return [undefined, "Type is invalid"];
}

export function listWorks(call: Call): Answer {
  const machine = call.store.machines.get(Number(call.path[1]));
  if (!machine || !isShown(machine, "id", call.now)) return notFound();
  // The newest come first.
  const all = worksOf(call.store, machine.id)
    .filter((it) => it.startedAt <= call.now)
    .toReversed();
  return pageOf(call, "actions", all, (it) => workView(it, call.now));
}

const workView = (work: Work, now: number) => ({
  id: work.id,
  status: now < work.endsAt ? "in-progress" : work.failed ? "errored" : "completed",
  type: work.type,
  started_at: iso(work.startedAt),
  completed_at: now < work.endsAt ? null : iso(work.endsAt),
  resource_id: work.machine,
  resource_type: "droplet",
  region_slug: "syd1",
});
