import { z } from "zod";
import type { Call } from "./call.ts";
import type { Http } from "./http.ts";
import { optional, optionalInt } from "./lenient.ts";
import type { Bookmark, List, Listing, ListPaginated } from "./pages.ts";

const domain = z.object({ name: z.string(), ttl: optionalInt });

const text = optional(z.string()).transform((it) => it ?? "");
/** As a listing of a whole zone tells it, most of which is not ours. */
const anyRecord = z
  .object({
    id: z.int().positive(),
    type: z.string().min(1).toUpperCase(),
    name: text,
    data: text,
    ttl: optionalInt,
    priority: optionalInt,
    port: optionalInt,
    weight: optionalInt,
    flags: optionalInt,
    tag: optional(z.string()).transform((tag) => tag ?? null),
  })
  .superRefine(({ type, name }, context) => {
    // A hostname that is taken would look free (rule 17).
    if (leads.has(type) && name === "")
      context.addIssue({ code: "custom", path: ["name"], message: `is missing on ${type}` });
  });
/** One that may be ours: without data an A, as all of ours are, would not be like ours (rule 22). */
const record = anyRecord.refine((it) => !isUntold(it), { path: ["data"], error: "is missing on A" });

/** The types whose name we decide by. */
const leads: ReadonlySet<string> = new Set(["A", "AAAA", "CNAME", "NS", "DNAME"]);

/** One that certainly leads nowhere: neither a conflict nor ours is missed without it. */
const leadsNowhere = (item: unknown): boolean => {
  const { data } = z.object({ type: z.string().min(1) }).safeParse(item);
  return data !== undefined && !leads.has(data.type.toUpperCase());
};

/** An A record of which it is not told where it leads. */
export const isUntold = ({ type, data }: Pick<DomainRecord, "type" | "data">): boolean => type === "A" && data === "";

export type Domain = Readonly<z.output<typeof domain>>;

/** `name` is relative to the zone, `@` for the zone itself; it and `data` are empty where DigitalOcean sends none. */
export type DomainRecord = Readonly<z.output<typeof anyRecord>>;

/** `name` is relative to the zone, `@` for the zone itself; `ttl` in seconds, by default 1800, at least 30. */
export type DomainRecordInput = Readonly<Pick<DomainRecord, "type" | "name" | "data">> &
  Readonly<Partial<Pick<DomainRecord, "ttl" | "priority" | "port" | "weight" | "flags" | "tag">>>;

/** `name` is the full name here, unlike a record's own: `app.example.com`. */
export interface RecordFilter {
  readonly name?: string;
  readonly type?: string;
}

/** An answer that tells of another zone or record than was asked for is no answer: `unexpected_answer`. */
export interface Domains {
  get(zone: string, call: Call): Promise<Domain>;
  readonly records: {
    /**
     * Refused is a listing with a record that may lead somewhere and cannot be read, or does not match the filter. One that is
     * asked for by no name holds what is not ours too: whoever reads it sees to those that are `isUntold`.
     */
    list(
      zone: string,
      filter: RecordFilter | undefined,
      call: Call,
      bookmark?: Bookmark<DomainRecord>,
    ): Promise<Listing<DomainRecord>>;
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
  const one = (isAsked: (it: DomainRecord) => boolean) =>
    z
      .object({ domain_record: record.refine(isAsked, "is not the record that was asked for") })
      .transform((body) => body.domain_record);
  return {
    get: (zone, call) => {
      const schema = z
        .object({ domain: domain.refine((it) => isSame(it.name, zone), "is not the zone that was asked for") })
        .transform((body) => body.domain);
      return http.send({ method: "GET", route: "/v2/domains/{zone}", path: { zone }, schema }, call);
    },
    records: {
      list: (zone, filter, call, bookmark) => {
        const list: List<DomainRecord> = {
          path: { zone },
          params: { ...filter },
          key: "domain_records",
          bookmark,
          schema: (filter?.name === undefined ? anyRecord : record).refine(
            (it) => matchesFilter(it, zone, filter),
            "does not match the filter",
          ),
          identity: (it) => it.id,
          oddItem: (item) => (leadsNowhere(item) ? "leave out" : "refuse"),
        };
        return listPaginated(collection, list, call);
      },
      get: (zone, id, call) => {
        const schema = one((it) => it.id === id);
        return http.send({ method: "GET", route: single, path: { zone, id }, schema }, call);
      },
      create: (zone, body, call) => {
        const schema = one((it) => holds(it, body));
        return http.send({ method: "POST", route: collection, path: { zone }, body, schema }, call);
      },
      replace: (zone, id, body, call) => {
        const schema = one((it) => it.id === id && holds(it, body));
        return http.send({ method: "PUT", route: single, path: { zone, id }, body, schema }, call);
      },
      delete: async (zone, id, call) => {
        await http.send({ method: "DELETE", route: single, path: { zone, id }, schema: z.unknown() }, call);
      },
    },
  };
}

const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** Whether it is what was written. The data of other types reads back in another form, without its dot at the end. */
const holds = (it: DomainRecord, { type, name, data }: DomainRecordInput): boolean =>
  it.type === type && isSame(it.name, name) && (type !== "A" || it.data === data);

function matchesFilter({ type, name }: DomainRecord, zone: string, filter: RecordFilter = {}): boolean {
  const full = name === "@" ? zone : `${name}.${zone}`;
  return (
    (filter.type === undefined || type === filter.type) && (filter.name === undefined || isSame(full, filter.name))
  );
}
