import { type Selectable, sql } from "kysely";
import { after } from "#clock.ts";
import type { Db, Tx } from "#db/connection.ts";
import type { ProviderContacts } from "#db/schema.ts";
import type { Ids } from "#ids.ts";
import { type Account, compare, identityOf, remarkOn } from "./account.ts";
import { learnAccount } from "./learn-account.ts";
import { lockProvider, type ProviderRow, readProvider } from "./provider.ts";

export type ContactRow = Selectable<ProviderContacts>;

/** What one worker found out about the provider. */
export interface Finding {
  readonly workerId: string;
  /** When it began to ask. */
  readonly begunAt: Date;
  readonly at: Date;
  /** How long it counts as present, should it say no more. */
  readonly presentMs: number;
  /** Whose account is behind its token, or why it cannot work there. */
  readonly told: Account | { readonly reason: string };
}

export interface Noted {
  readonly mine: ContactRow;
  /** The provider as it was. */
  readonly former: ProviderRow;
  /** The provider as it is now. */
  readonly provider: ProviderRow;
  /** The account was known by its user only, and is known by itself from now on. */
  readonly isLearned: boolean;
}

/**
 * Records what a worker found: the provider is up as long as any worker that is present can work with it. The first
 * account ever met is ours for good; another one behind a token is refused (rule 26). One that is known by its user
 * only is learned once it has proven to be ours.
 * @returns also what the provider was before, so that the caller can give back the time of an outage that ended
 */
export async function noteFinding(tx: Tx, finding: Finding, ids: Pick<Ids, "uuid">): Promise<Noted> {
  const { workerId, at, told } = finding;
  const former = await lockProvider(tx);
  const mine = await saveContact(tx, {
    worker_id: workerId,
    ...judge(told, former),
    account_uuid: "user" in told ? identityOf(told) : null,
    since: "user" in told ? at : finding.begunAt,
    checked_at: at,
    present_until: after(at, finding.presentMs),
  });
  const { anotherIsUp } = await readSurroundings(tx, workerId, at);
  const isUp = mine.status === "up" || anotherIsUp;
  // Who tells why it is not up may change; the outage is one.
  const goesOn = former.status !== "unknown" && (former.status === "up") === isUp;
  const provider = await tx
    .updateTable("provider")
    .set({
      status: isUp ? "up" : mine.status,
      reason: isUp ? null : mine.reason,
      since: goesOn ? former.since : isUp ? at : await outageBegan(tx, finding),
      checked_at: at,
      ...("user" in told && mine.status !== "wrong_account" && shownBy(told)),
      ...("user" in told && mine.status === "up" && ownedBy(told)),
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  const formerly = former.account_uuid;
  const isLearned = mine.status === "up" && "user" in told && compare(told, former) === "by its user";
  if (isLearned && formerly !== null) await learnAccount(tx, { formerly, told, at, auditId: ids.uuid(), workerId });
  return { mine, former, provider, isLearned };
}

const shownBy = (told: Account) => ({ account_status: told.status, account_status_message: told.statusMessage });

const ownedBy = (told: Account) => ({
  account_uuid: identityOf(told),
  account_of: told.team === null ? ("user" as const) : ("team" as const),
  droplet_limit: told.dropletLimit,
  reserved_ip_limit: told.reservedIpLimit,
  simulated: told.simulated,
});

/** The outage began for the first of those who went down one after the other until none was left. */
async function outageBegan(tx: Tx, { at, presentMs }: Finding): Promise<Date> {
  const row = await tx
    .selectFrom("provider_contacts")
    .select((eb) => eb.fn.min("since").as("since"))
    .where("status", "=", "down")
    .where("since", ">", after(at, -presentMs))
    .executeTakeFirst();
  return row?.since ?? at;
}

function judge(told: Finding["told"], ours: ProviderRow): Pick<ContactRow, "status" | "reason"> {
  if ("reason" in told) return { status: "down", reason: told.reason };
  const verdict = compare(told, ours);
  if (verdict === "another" || (verdict === "by its user" && !told.isProven))
    return { status: "wrong_account", reason: wrongAccount(told, ours, verdict) };
  return told.status === "locked"
    ? { status: "down", reason: remarkOn(told.status, told.statusMessage) }
    : { status: "up", reason: null };
}

function wrongAccount(told: Account, ours: ProviderRow, verdict: "another" | "by its user"): string {
  const name = (of: "team" | "user" | null, uuid: string | null) => (of === "team" ? `${uuid} (a team)` : `${uuid}`);
  const theirs = name(told.team === null ? "user" : "team", identityOf(told));
  if (verdict === "another")
    return `The token belongs to account ${theirs}, this database to ${name(ours.account_of, ours.account_uuid)}: nothing is done there. Set the right token, or use another database`;
  return `The token belongs to account ${theirs}, this database to another one of the same user ${ours.account_uuid}, as it seems: it shows neither our droplets nor our tag, so nothing is done there. Set a token of the team that holds them`;
}

const saveContact = (tx: Tx, row: ContactRow): Promise<ContactRow> =>
  tx
    .insertInto("provider_contacts")
    .values(row)
    .onConflict((conflict) =>
      conflict.column("worker_id").doUpdateSet({
        ...row,
        since: sql`case provider_contacts.status when excluded.status then provider_contacts.since else excluded.since end`,
      }),
    )
    .returningAll()
    .executeTakeFirstOrThrow();

/** The worker is there still; nothing else of its row is touched, since a question may just be changing it. */
export async function stayPresent(db: Db, mine: ContactRow): Promise<void> {
  await db
    .insertInto("provider_contacts")
    .values(mine)
    .onConflict((conflict) => conflict.column("worker_id").doUpdateSet({ present_until: mine.present_until }))
    .execute();
}

export async function forgetContact(db: Db, workerId: string): Promise<void> {
  await db.deleteFrom("provider_contacts").where("worker_id", "=", workerId).execute();
}

/** How far back what the provider answered is looked for. Milliseconds. */
const heardMs = 60_000;

/** What a worker wants to know of the others before it asks the provider itself. */
export interface Surroundings {
  /** Of the provider as a whole. */
  readonly status: ProviderRow["status"];
  readonly reason: string | null;
  readonly anotherIsUp: boolean;
  /** When the last of the others that are up asked the provider. */
  readonly othersAskedAt: Date | null;
  /** When the last request was made that the provider has answered as it should, since a while ago. */
  readonly heardAt: Date | null;
  /** When the last request was made, answered or not, since a while ago. */
  readonly sentAt: Date | null;
  /** When the last of the others that are down went down. */
  readonly wentDownAt: Date | null;
}

export const readSurroundings = (db: Db | Tx, workerId: string, now: Date): Promise<Surroundings> =>
  db
    .selectFrom("provider")
    .leftJoin("provider_contacts as other", (join) =>
      join.on("other.worker_id", "<>", workerId).on("other.present_until", ">", now),
    )
    .select((eb) => [
      "provider.status",
      "provider.reason",
      eb.fn.coalesce(sql<boolean>`bool_or(other.status = 'up')`, sql<boolean>`false`).as("anotherIsUp"),
      eb.fn.max("other.checked_at").filterWhere("other.status", "=", "up").as("othersAskedAt"),
      eb.fn.max("other.since").filterWhere("other.status", "=", "down").as("wentDownAt"),
      eb
        .selectFrom("provider_requests")
        .select((request) => request.fn.max("at").as("at"))
        .where("at", ">", after(now, -heardMs))
        .where((request) => request.or([request.between("status", 200, 399), request("status", "=", 404)]))
        .as("heardAt"),
      eb
        .selectFrom("provider_requests")
        .select((request) => request.fn.max("at").as("at"))
        .where("at", ">", after(now, -heardMs))
        .as("sentAt"),
    ])
    .groupBy(["provider.status", "provider.reason"])
    .executeTakeFirstOrThrow();

/** The workers that are present and cannot work with the provider, longest first. */
export const troubledContacts = (db: Db, now: Date): Promise<ContactRow[]> =>
  db
    .selectFrom("provider_contacts")
    .selectAll()
    .where("status", "<>", "up")
    .where("present_until", ">", now)
    .orderBy("since")
    .orderBy("worker_id")
    .execute();

/**
 * The provider as it can be told: what the workers found holds for as long as one of them is there, since it is nobody
 * else who asks.
 */
export async function knownProvider(db: Db, now: Date): Promise<ProviderRow> {
  const row = await readProvider(db);
  if (row.status !== "up") return row;
  const present = await db
    .selectFrom("provider_contacts")
    .select("worker_id")
    .where("present_until", ">", now)
    .limit(1)
    .executeTakeFirst();
  return present ? row : { ...row, status: "unknown", reason: "no worker is there to ask it" };
}

/** Deletes what workers left behind that went without a word before `before`. */
export async function purgeContacts(db: Db, before: Date): Promise<void> {
  await db.deleteFrom("provider_contacts").where("present_until", "<", before).execute();
}
