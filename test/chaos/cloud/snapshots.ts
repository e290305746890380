import { type Answer, type Call, iso, notFound, pageOf } from "./call.ts";
import { exists, isShown, never, type Snapshot } from "./world.ts";

const view = (it: Snapshot) => ({
  id: String(it.id),
  name: it.name,
  created_at: iso(it.bornAt),
  regions: [it.region],
  min_disk_size: it.disk,
  size_gigabytes: 2.3,
  resource_id: String(it.machine),
  resource_type: "droplet",
  tags: [],
});

export const listSnapshots = (call: Call): Answer =>
  pageOf(
    call,
    "snapshots",
    [...call.store.snapshots.values()].filter((it) => isShown(it, "all", call.now)),
    view,
  );

const named = ({ store, path }: Call): Snapshot | undefined => store.snapshots.get(Number(path[1]));

export function getSnapshot(call: Call): Answer {
  const snapshot = named(call);
  return snapshot && isShown(snapshot, "id", call.now)
    ? { status: 200, body: { snapshot: view(snapshot) } }
    : notFound();
}

export function deleteSnapshot(call: Call): Answer {
  const snapshot = named(call);
  if (!snapshot || !exists(snapshot, call.now) || !isShown(snapshot, "id", call.now)) return notFound();
  call.store.put({ ...snapshot, goneAt: Math.min(snapshot.goneAt, never, call.from) });
  return { status: 204 };
}
