import type { Command } from "commander";
import { type Cli, say } from "#cli/cli.ts";
import { UsageError } from "#cli/failure.ts";

export function migrate(program: Command, cli: Cli): void {
  program.command("migrate").action(() => run(cli));
}

async function run(cli: Cli): Promise<void> {
  const { databaseUrl, migrationDatabaseUrl } = await cli.config();
  if (databaseUrl === undefined)
    throw new UsageError("DATABASE_URL is not set; the embedded database migrates itself when arcadia serve starts");
  const { migrateDatabase } = await import("#main/migrate-database.ts");
  const { applied } = await migrateDatabase(migrationDatabaseUrl ?? databaseUrl, databaseUrl);
  for (const name of applied) say(cli.stdout, `applied ${name}`);
  if (applied.length === 0) say(cli.stdout, "The database is up to date");
}
