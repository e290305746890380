import { type Answer, type Call, notFound, pageOf, problem, refused } from "./call.ts";
import { lag, lags } from "./lag.ts";
import { isShown, never, valueOf, type ZoneRecord } from "./world.ts";

/** There from the beginning. */
export const zones = ["example.com"];

const zoneOf = ({ path }: Call): string | undefined => zones.find((it) => it === path[1]);

export function getZone(call: Call): Answer {
  const name = zoneOf(call);
  return name ? { status: 200, body: { domain: { name, ttl: 1800, zone_file: `$ORIGIN ${name}.` } } } : notFound();
}

export const recordView = ({ now }: Call, record: ZoneRecord, value = valueOf(record, now, "shownFrom")) => ({
  id: record.id,
  type: record.type,
  name: record.name,
  data: value?.data,
  priority: null,
  port: null,
  ttl: value?.ttl,
  weight: null,
  flags: null,
  tag: null,
});

const fullName = ({ name, zone }: ZoneRecord): string => (name === "@" ? zone : `${name}.${zone}`);

/** `name` is the full name, unlike a record's own. */
export function listRecords(call: Call): Answer {
  const { store, query, now } = call;
  const zone = zoneOf(call);
  if (!zone) return notFound();
  const [type, name] = [query.get("type"), query.get("name")?.toLowerCase()];
  const shown = [...store.records.values()].filter(
    (it) =>
      it.zone === zone &&
      isShown(it, name === undefined ? "all" : "name", now) &&
      (type === null || it.type === type) &&
      (name === undefined || fullName(it).toLowerCase() === name),
  );
  return pageOf(call, "domain_records", shown, (it) => recordView(call, it));
}

function shownRecord(call: Call): ZoneRecord | undefined {
  const record = call.store.records.get(Number(call.path[3]));
  return record && record.zone === zoneOf(call) && isShown(record, "id", call.now) ? record : undefined;
}

export function getRecord(call: Call): Answer {
  const record = shownRecord(call);
  return record ? { status: 200, body: { domain_record: recordView(call, record) } } : notFound();
}

export function createRecord(call: Call): Answer {
  const { store, body, from } = call;
  const zone = zoneOf(call);
  if (!zone) return notFound();
  const { type, name, data, ttl = 1800 } = body;
  const fault = faultOf(call);
  if (fault || typeof type !== "string" || typeof name !== "string" || typeof data !== "string")
    return fault ?? problem(400, "bad_request", "type, name and data are needed");
  const record: ZoneRecord = {
    kind: "record",
    id: store.nextId(),
    zone,
    type,
    name,
    bornAt: from,
    goneAt: never,
    lag: lags(call),
    linger: lags(call),
    hidden: [],
    values: [{ data, ttl: Number(ttl), from, shownFrom: from }],
  };
  store.put(record);
  return { status: 201, body: { domain_record: recordView(call, record, record.values[0]) } };
}

export function changeRecord(call: Call): Answer {
  const { store, body, from, now } = call;
  const record = shownRecord(call);
  if (!record) return notFound();
  const fault = faultOf(call);
  if (fault) return fault;
  const was = valueOf(record, now);
  const { data = was?.data, ttl = was?.ttl } = body;
  const value = { data: String(data), ttl: Number(ttl), from, shownFrom: Math.min(never, from + lag(call) / 2) };
  if (from < never) store.put({ ...record, values: [...record.values, value] });
  return { status: 200, body: { domain_record: recordView(call, record, value) } };
}

function faultOf({ body: { type, data, ttl } }: Call): Answer | undefined {
  if (typeof ttl === "number" && ttl < 30) return refused("TTL must be at least 30");
  if (type === "A" && typeof data === "string" && !/^\d+(?:\.\d+){3}$/.test(data))
    return refused("Data needs to be an IPv4 address");
  return undefined;
}

export function deleteRecord(call: Call): Answer {
  const record = shownRecord(call);
  if (!record) return notFound();
  const takesMs = call.isCalm ? 0 : 800 * call.draw();
  call.store.put({ ...record, goneAt: Math.min(record.goneAt, never, call.from + takesMs) });
  return { status: 204 };
}
