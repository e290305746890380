import type { DomainRecord, Zone } from "./account-state.ts";
import { bodyOf, type Call, idParam, type Reply } from "./call.ts";
import { zoneOfPath } from "./domains.ts";
import { notFound, unprocessable } from "./errors.ts";
import { page } from "./pagination.ts";
import { dataToKeep } from "./record-data.ts";
import { checkPlace, fieldsOf, recordShape, relativeName, ttlOf, typeOf } from "./record-input.ts";
import { recordBody } from "./zones.ts";

function recordOfPath(call: Call): DomainRecord {
  const record = zoneOfPath(call).records.get(idParam(call, 1));
  if (!record) throw notFound();
  return record;
}

/** GET /v2/domains/{name}/records. `?name=` is compared with the full name, although records say the relative one. */
export function listRecords(call: Call): Reply {
  const zone = zoneOfPath(call);
  const fullName = call.query.get("name");
  const name = fullName === null ? undefined : relativeName(zone, `${fullName}.`);
  const type = call.query.get("type");
  const records = [...zone.records.values()].filter(
    (record) =>
      call.now >= record.listedAt &&
      (name === undefined || record.name === name) &&
      (type === null || record.type === type),
  );
  return page(call, "domain_records", records, recordBody);
}

/** GET /v2/domains/{name}/records/{id} */
export const getRecord = (call: Call): Reply => ({
  status: 200,
  body: { domain_record: recordBody(recordOfPath(call)) },
});

/** POST /v2/domains/{name}/records. A duplicate is taken without a word (terraform-provider#1339). */
export function createRecord(call: Call): Reply {
  const zone = zoneOfPath(call);
  const { name = "", data = "", ttl, ...rest } = bodyOf(call, recordShape);
  const type = typeOf(rest.type);
  const fields = fieldsOf(type, rest);
  const id = call.account.nextId;
  const record: DomainRecord = {
    ...fields,
    id,
    type,
    name: relativeName(zone, name === "" && type === "MX" ? "@" : name),
    data: dataToKeep(zone, { type, data, tag: fields.tag }),
    ttl: ttlOf(ttl),
    listedAt: call.now + call.consistency.lag(`record ${id}`),
  };
  checkPlace(zone, record);
  call.account.nextId++;
  keep(zone, record);
  return { status: 201, body: { domain_record: recordBody(record) } };
}

/** PUT and PATCH /v2/domains/{name}/records/{id}: both change what is sent, and the id stays. Of an SOA only the TTL. */
export function updateRecord(call: Call): Reply {
  const zone = zoneOfPath(call);
  const record = recordOfPath(call);
  const { type, name, ttl, data, ...rest } = bodyOf(call, recordShape);
  if (type !== undefined && type !== record.type) throw unprocessable("Type cannot be changed");
  const changed = { ...record, ttl: ttl === undefined ? record.ttl : ttlOf(ttl) };
  if (record.type !== "SOA") {
    Object.assign(changed, fieldsOf(record.type, { ...record, ...withoutUndefined(rest) }));
    if (name !== undefined) changed.name = relativeName(zone, name);
    if (data !== undefined) changed.data = dataToKeep(zone, { ...changed, data });
    checkPlace(zone, changed);
  }
  keep(zone, changed);
  return { status: 200, body: { domain_record: recordBody(changed) } };
}

/** All records of a name and type have one TTL, that of the latest write (RFC 2181; terraform-provider#1012). */
function keep(zone: Zone, record: DomainRecord): void {
  for (const each of zone.records.values())
    if (each.name === record.name && each.type === record.type) each.ttl = record.ttl;
  zone.records.set(record.id, record);
}

/** DELETE /v2/domains/{name}/records/{id} */
export function deleteRecord(call: Call): Reply {
  zoneOfPath(call).records.delete(recordOfPath(call).id);
  return { status: 204 };
}

type Numbers = Pick<DomainRecord, "priority" | "port" | "weight" | "flags" | "tag">;

function withoutUndefined(fields: { [K in keyof Numbers]?: Numbers[K] | undefined }): Partial<Numbers> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
