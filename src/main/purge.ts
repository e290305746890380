import { type FileHandle, open } from "node:fs/promises";
import { after, systemClock } from "#clock.ts";
import { openDatabase } from "#db/connection.ts";
import { assertMigrated } from "#db/migrate.ts";
import { connecting } from "#db/unusable.ts";
import { openLog } from "#log.ts";
import { purge } from "#retention/purge.ts";
import { kinds } from "#retention/what-goes.ts";
import { atDatabase, type WhichDatabase } from "./at-database.ts";

export interface PurgeOptions extends WhichDatabase {
  readonly dryRun: boolean;
  /** A file that is not there yet: what goes is written into it before it goes, a line of JSON for each row. */
  readonly exportTo?: string | undefined;
}

/** Of each kind of thing that has an age: before when it goes, and how many rows of which tables went, or would go. */
export interface Purged {
  readonly kind: string;
  readonly before: string;
  readonly rows: Readonly<Record<string, number>>;
}

/** Deletes what is older than its setting keeps it, as a worker does every hour; and of the audit log, which none can. */
export async function purgeNow(options: PurgeOptions): Promise<Purged[]> {
  const { config, dryRun, exportTo, clock = systemClock, log = openLog("warn") } = options;
  const file = exportTo === undefined || dryRun ? undefined : await open(exportTo, "wx", 0o600);
  try {
    return await atDatabase(options, "owner", async (url) => {
      const database = openDatabase(url, { log, max: 2, applicationName: "arcadia-purge" });
      try {
        await connecting(url, () => assertMigrated(database.statements));
        const all: Purged[] = [];
        for (const kind of Object.values(kinds)) {
          const age = config.keep[kind.name];
          if (age === undefined) continue;
          const before = after(clock.now(), -age);
          const gone = await purge(database.db, kind, {
            before,
            dryRun,
            keep: file && ((lines) => write(file, lines)),
          });
          all.push({ kind: kind.name, before: before.toISOString(), rows: Object.fromEntries(gone) });
        }
        return all;
      } finally {
        await database.close();
      }
    });
  } finally {
    await file?.close();
  }
}

/** On the disk when it resolves: what it holds is deleted next. */
async function write(file: FileHandle, lines: string): Promise<void> {
  await file.writeFile(lines);
  await file.datasync();
}
