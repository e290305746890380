import { resolve } from "node:path";
import { CompiledQuery } from "kysely";
import { recordAudit } from "#audit/queries.ts";
import { BackupError } from "#backup/format.ts";
import { load, refuseOtherSchema } from "#backup/load.ts";
import { type Proven, proveBackup } from "#backup/read.ts";
import { type Query, usedTables } from "#backup/tables.ts";
import { type Clock, systemClock } from "#clock.ts";
import type { Config } from "#config.ts";
import type { Db, Tx } from "#db/connection.ts";
import { type Ids, systemIds } from "#ids.ts";
import { type Log, openLog } from "#log.ts";
import { claimDirectory } from "#private-directory.ts";
import { doubtAndResume } from "#sagas/restored.ts";
import { revokeAllTokens } from "#tokens/revoke-all.ts";
import { requeueAll } from "#webhooks/deliveries.ts";
import { disableAllWebhooks } from "#webhooks/disable-all.ts";
import { verify } from "./backup-trust.ts";
import { refuseCompanions, refuseOtherKey, stageCompanions } from "./companions.ts";
import { type OpenDatabase, openConfigured } from "./open-database.ts";

export interface RestoreOptions {
  readonly config: Config;
  readonly file: string;
  /** Throws away what the database holds. */
  readonly force?: boolean | undefined;
  /**
   * Stops the unfinished sagas, for an operator to look at, instead of letting them go on. Default: when the backup is
   * of unknown making, as a saga that somebody wrote into it could destroy any droplet of the account.
   */
  readonly hold?: boolean | undefined;
  /** Takes a backup of which it cannot be told that an installation with our secret key made it. */
  readonly allowUnverified?: boolean | undefined;
  /** Leaves the API tokens of the backup valid. */
  readonly keepTokens?: boolean | undefined;
  /** Leaves the webhooks of the backup enabled. */
  readonly keepWebhooks?: boolean | undefined;
  readonly log?: Log;
  readonly clock?: Clock;
  readonly ids?: Ids;
  readonly place?: string;
}

export interface RestoreReport {
  readonly taken_at: string;
  readonly release: string;
  readonly rows: number;
  /** Sagas that were unfinished in the backup: they go on at the next start, or are held. */
  readonly unfinished: number;
  readonly held: boolean;
  /** Whether an installation with our secret key made the backup. */
  readonly verified: boolean;
  readonly tokens_revoked: number;
  readonly webhooks_disabled: number;
}

type Done = Pick<RestoreReport, "unfinished" | "tokens_revoked" | "webhooks_disabled">;

/**
 * Puts a backup into a database of the same schema, in place of what that holds: all of it, or nothing, also with
 * `force`. No server or worker may run on it. Who had access to the API then has none now, unless asked: what a backup
 * says of tokens is as old as itself, and somebody may have put a token of their own into it.
 * @throws {BackupError} when the file is damaged or of unknown making, the database in use, not empty or of another schema
 */
export async function restore(options: RestoreOptions): Promise<RestoreReport> {
  const { config, log = openLog("warn"), clock = systemClock, place, force = false } = options;
  const file = resolve(options.file);
  const proven = await proveBackup(file);
  const { manifest, rows } = proven;
  claimDirectory(config.dataDirectory);
  await refuseOtherKey(config, proven.files);
  const verified = await verify(config, proven, options.allowUnverified ?? false);
  const hold = options.hold ?? !verified;
  const database = await openConfigured({ config, log, clock, connections: 4, asOwner: true, place });
  try {
    await refuseCompany(database.db);
    await refuseOtherSchema(queryOf(database.db), manifest);
    const used = await usedTables(queryOf(database.db));
    if (used.length > 0 && !force)
      throw new BackupError(
        `The database is not empty (${used.join(", ")}); nothing was changed. --force throws away what it holds`,
      );
    if (!force) await refuseCompanions(config, proven.files);
    const done = await replace(database, { ...options, hold, file, log, clock, proven, verified });
    const { taken_at, release } = manifest;
    return { taken_at, release, rows, held: hold, verified, ...done };
  } finally {
    await database.stop();
  }
}

const queryOf =
  (db: Db | Tx): Query =>
  async <Row>(text: string, values: unknown[] = []) =>
    (await db.executeQuery<Row>(CompiledQuery.raw(text, values))).rows;

/** A server or worker that works meanwhile would act on rows that change under it. Each of them listens. */
async function refuseCompany(db: Db): Promise<void> {
  const others = await queryOf(db)(
    "select from pg_stat_activity where datname = current_database() and application_name = 'arcadia-listener'",
  );
  if (others.length > 0)
    throw new BackupError("A server or worker is connected to this database; nothing was changed. Stop it first");
}

interface Replacing extends RestoreOptions {
  readonly hold: boolean;
  readonly log: Log;
  readonly clock: Clock;
  readonly proven: Proven;
  readonly verified: boolean;
}

/** One transaction empties and fills the database: whatever fails or dies before its commit leaves all as it was. */
async function replace(database: OpenDatabase, options: Replacing): Promise<Done> {
  const companions = await stageCompanions(options.config, options.proven.files);
  let done: Done;
  try {
    done = await commit(database, options);
  } catch (error) {
    await companions.discard();
    throw error;
  }
  await companions.place();
  return done;
}

async function commit({ db }: OpenDatabase, options: Replacing): Promise<Done> {
  return db.transaction().execute((tx) => fill(tx, options));
}

async function fill(tx: Tx, options: Replacing): Promise<Done> {
  const { file, proven, verified, clock, hold } = options;
  const { taken_at, release } = proven.manifest;
  const ids = options.ids ?? systemIds(clock);
  await load(queryOf(tx), file, proven.sha256);
  // The wake-ups of what was thrown away.
  await queryOf(tx)("delete from pgboss.job");
  const now = clock.now();
  await requeueAll(tx);
  const tokens_revoked = options.keepTokens ? 0 : await revokeAllTokens(tx, now);
  const webhooks_disabled = options.keepWebhooks ? 0 : await disableAllWebhooks(tx, now, "restored from a backup");
  const sagas = await doubtAndResume(tx, { ids, now, hold });
  const done = {
    unfinished: sagas.filter(({ status }) => status !== "stuck").length,
    tokens_revoked,
    webhooks_disabled,
  };
  await recordAudit(tx, {
    id: ids.uuid(),
    at: now,
    subject: "arcadia restore",
    action: "database.restore",
    object_type: "database",
    detail: { taken_at, release, held: hold, verified, ...done },
  });
  return done;
}
