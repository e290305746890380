import { copyFile, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Installation } from "./installation.ts";

/** Writes down what is needed to see how it came about. @returns where it is, in words */
export async function keepEvidence(installation: Installation, broken: readonly string[]): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "arcadia-storm-"));
  const { database, journal, lines } = installation;
  const { db } = database;
  const files = {
    "broken.txt": broken,
    "log.txt": lines,
    "sagas.jsonl": await db.selectFrom("sagas").selectAll().execute(),
    "saga_events.jsonl": await db.selectFrom("saga_events").selectAll().execute(),
    "deployments.jsonl": await db.selectFrom("deployments").select(["id", "name", "status", "power"]).execute(),
    "provider_resources.jsonl": await db.selectFrom("provider_resources").selectAll().execute(),
    "provider_changes.jsonl": await db.selectFrom("provider_changes").selectAll().execute(),
    "provider_requests.jsonl": await db.selectFrom("provider_requests").selectAll().orderBy("at").execute(),
  };
  for (const [name, rows] of Object.entries(files)) {
    const text = rows.map((row) => (typeof row === "string" ? row : JSON.stringify(row))).join("\n");
    await writeFile(join(directory, name), text);
  }
  await copyFile(journal, join(directory, "cloud.journal"));
  return `what is known of it lies in ${directory}`;
}
