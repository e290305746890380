import { type Answer, type Call, notFound, pageOf, problem } from "./call.ts";
import { exists, type Label, type Machine, never, tagsOf } from "./world.ts";

const wellFormed = /^[a-zA-Z0-9_\-:]{1,255}$/;
const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

const labelNamed = ({ store, now }: Call, name: string): Label | undefined =>
  [...store.labels.values()].find((it) => isSame(it.id, name) && now < it.goneAt);

/** Puts a label, which is made where there is none, on a machine that is then to be stored. */
export function labelMachine(call: Call, machine: Machine, name: string, from: number): void {
  const known = labelNamed(call, name);
  if (!known && from < never) call.store.put({ kind: "label", id: name, goneAt: never });
  machine.tags.push({ name: known?.id ?? name, from, until: never });
}

const carriers = ({ store, now }: Call, name: string): Machine[] =>
  [...store.machines.values()].filter((it) => exists(it, now) && tagsOf(it, now).some((own) => isSame(own, name)));

const view = (call: Call, { id }: Label) => {
  const count = carriers(call, id).length;
  return { name: id, resources: { count, droplets: { count } } };
};

export function createLabel(call: Call): Answer {
  const { name } = call.body;
  if (typeof name !== "string" || !wellFormed.test(name)) {
    const error = "Error validating resource tag: it contains invalid characters";
    return { status: 400, body: { error, messages: null, root_causes: [] } };
  }
  const label: Label = labelNamed(call, name) ?? { kind: "label", id: name, goneAt: never };
  if (call.from < never) call.store.put(label);
  return { status: 201, body: { tag: view(call, label) } };
}

export const listLabels = (call: Call): Answer =>
  pageOf(
    call,
    "tags",
    [...call.store.labels.values()].filter((it) => call.now < it.goneAt),
    (it) => view(call, it),
  );

export function getLabel(call: Call): Answer {
  const label = labelNamed(call, call.path[1] ?? "");
  return label ? { status: 200, body: { tag: view(call, label) } } : notFound();
}

export function deleteLabel(call: Call): Answer {
  const { store, from } = call;
  const label = labelNamed(call, call.path[1] ?? "");
  if (!label) return notFound();
  store.put({ ...label, goneAt: from });
  for (const machine of carriers(call, label.id)) takeOff(call, machine, label.id);
  return { status: 204 };
}

function takeOff({ store, from }: Call, machine: Machine, name: string): void {
  const tags = machine.tags.map((it) => (isSame(it.name, name) ? { ...it, until: Math.min(it.until, from) } : it));
  store.put({ ...machine, tags });
}

/** POST puts the label on, DELETE takes it off. */
export function relabel(call: Call, isOn: boolean): Answer {
  const { store, path, body, now, from } = call;
  const label = labelNamed(call, path[1] ?? "");
  if (!label) return notFound();
  const { resources } = body;
  if (!Array.isArray(resources)) return problem(400, "bad_request", "resources is missing");
  for (const { resource_id: id } of resources as { resource_id: string }[]) {
    const machine = store.machines.get(Number(id));
    if (!machine || !exists(machine, now)) return notFound();
    if (isOn) {
      labelMachine(call, machine, label.id, from);
      store.put(machine);
    } else takeOff(call, machine, label.id);
  }
  return { status: 204 };
}
