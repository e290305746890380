import type { Answer, Call } from "./call.ts";
import { machineView } from "./machines.ts";
import { exists, type Thing } from "./world.ts";
import { recordView } from "./zones.ts";

/** As if the caches of two customers were mixed up: a valid answer, about something else that is there. */
export function anothers(call: Call, { status, headers = {}, body }: Answer): Answer {
  if (typeof body !== "object") return { status, headers };
  const told = Object.entries(body).map(([key, value]) => [key, otherOf(call, key, value)]);
  return { status, headers, body: Object.fromEntries(told) };
}

function otherOf(call: Call, key: string, value: { readonly id?: number | string }): unknown {
  const { machines, records } = call.store;
  const other = <T extends Thing>(all: Iterable<T>): T | undefined => {
    const live = [...all].filter((it) => exists(it, call.now) && it.id !== value.id);
    return live[Math.floor(call.draw() * live.length)];
  };
  if (key === "droplet") {
    const machine = other(machines.values());
    return machine ? machineView(call, machine) : value;
  }
  if (key === "domain_record") {
    const record = other(records.values());
    return record ? recordView(call, record) : value;
  }
  if (key === "action") return { ...value, resource_id: 3 };
  if (key === "snapshot") return { ...value, id: "3" };
  if (key === "tag") return { ...value, name: "another" };
  return value;
}
