import { z } from "zod";
import type { Call } from "./call.ts";
import type { Http } from "./http.ts";
import type { Listing, ListPaginated } from "./pages.ts";

const domain = z.object({
  name: z.string(),
  ttl: z
    .int()
    .nullish()
    .transform((ttl) => ttl ?? null),
});

const number = z
  .int()
  .nullish()
  .transform((it) => it ?? null);
const text = z
  .string()
  .nullish()
  .transform((it) => it ?? "");
const record = z
  .object({
    id: z.int(),
    type: z.string(),
    name: text,
    data: text,
    ttl: number,
    priority: number,
    port: number,
    weight: number,
    flags: number,
    tag: z
      .string()
      .nullish()
      .transform((tag) => tag ?? null),
  })
  .superRefine((it, context) => {
    // Without them a hostname that is taken, or a record of ours, would look absent (rules 10 and 14).
    if (!leads.has(it.type)) return;
    for (const field of ["name", "data"] as const)
      if (it[field] === "") context.addIssue({ code: "custom", path: [field], message: `is missing on ${it.type}` });
  });

/** The types whose name and data the official document requires, and we decide by. */
const leads: ReadonlySet<string> = new Set(["A", "AAAA", "CNAME"]);

export type Domain = Readonly<z.output<typeof domain>>;

/** `name` is relative to the zone, `@` for the zone itself; it and `data` are empty where DigitalOcean sends none. */
export type DomainRecord = Readonly<z.output<typeof record>>;

/** `name` is relative to the zone, `@` for the zone itself; `ttl` in seconds, by default 1800, at least 30. */
export type DomainRecordInput = Readonly<Pick<DomainRecord, "type" | "name" | "data">> &
  Readonly<Partial<Pick<DomainRecord, "ttl" | "priority" | "port" | "weight" | "flags" | "tag">>>;

/** `name` is the full name here, unlike a record's own: `app.example.com`. */
export interface RecordFilter {
  readonly name?: string;
  readonly type?: string;
}

export interface Domains {
  get(zone: string, call: Call): Promise<Domain>;
  readonly records: {
    list(zone: string, filter: RecordFilter | undefined, call: Call): Promise<Listing<DomainRecord>>;
    get(zone: string, id: number, call: Call): Promise<DomainRecord>;
    /** A duplicate of an existing record is accepted without a word: list name and type before. Never sent twice. */
    create(zone: string, input: DomainRecordInput, call: Call): Promise<DomainRecord>;
    /** PUT: the record keeps its id. */
    replace(zone: string, id: number, input: DomainRecordInput, call: Call): Promise<DomainRecord>;
    delete(zone: string, id: number, call: Call): Promise<void>;
  };
}

export function createDomains(http: Http, listPaginated: ListPaginated): Domains {
  const collection = "/v2/domains/{zone}/records";
  const single = "/v2/domains/{zone}/records/{id}";
  const one = z.object({ domain_record: record }).transform((body) => body.domain_record);
  return {
    get: (zone, call) =>
      http.send(
        {
          method: "GET",
          route: "/v2/domains/{zone}",
          path: { zone },
          schema: z.object({ domain }).transform((body) => body.domain),
        },
        call,
      ),
    records: {
      list: (zone, filter, call) =>
        listPaginated(
          collection,
          { path: { zone }, params: { ...filter }, key: "domain_records", schema: record, identity: (it) => it.id },
          call,
        ),
      get: (zone, id, call) => http.send({ method: "GET", route: single, path: { zone, id }, schema: one }, call),
      create: (zone, body, call) =>
        http.send({ method: "POST", route: collection, path: { zone }, body, schema: one }, call),
      replace: (zone, id, body, call) =>
        http.send({ method: "PUT", route: single, path: { zone, id }, body, schema: one }, call),
      delete: async (zone, id, call) => {
        await http.send({ method: "DELETE", route: single, path: { zone, id }, schema: z.unknown() }, call);
      },
    },
  };
}
