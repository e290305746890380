import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { readConfig } from "#config.ts";
import { backUp } from "#main/backup.ts";
import { restore } from "#main/restore.ts";
import { provider, site } from "./backup-site.ts";
import { createDataDirectory } from "./data-directory.ts";
import { createTestDatabase } from "./database.ts";

/** The same backup with one more row in a table, its checksum right. */
async function withRow(file: string, table: string, row: string): Promise<void> {
  const lines = gunzipSync(await readFile(file))
    .toString()
    .trimEnd()
    .split("\n");
  const at = lines.findIndex((line) => line.startsWith(`{"table":"${table}"`));
  const { rows } = JSON.parse(lines.pop() ?? "");
  lines.splice(at + 1, 0, JSON.stringify(row));
  const text = lines.map((line) => `${line}\n`).join("");
  const sha256 = createHash("sha256").update(text).digest("hex");
  await writeFile(file, gzipSync(`${text}${JSON.stringify({ end: true, rows: rows + 1, sha256 })}\n`));
}

test("a forced restore that fails leaves every row, the key and the token as they were", async () => {
  const simulator = await provider({ bootMs: 100 });
  const [here, there] = [await site(simulator), await site(simulator)];
  for (const at of [here, there]) await at.start();
  await here.call("POST", "/v1/tenants", { slug: "acme", name: "Acme" });
  await there.call("POST", "/v1/tenants", { slug: "kept", name: "Kept" });
  await here.backUp(here.file);
  await there.stop();
  const keyBefore = await readFile(join(there.path, "secret-key"), "utf8");
  const filesBefore = await readdir(there.path);
  const another = { force: true, secretKey: "a key that is not the one of the backup" };
  await expect(there.restore(here.file, another)).rejects.toThrow(/another key; nothing was changed/);
  await withRow(here.file, "saga_steps", "broken");
  await expect(there.restore(here.file, { force: true })).rejects.toThrow("malformed record literal");

  expect(await readFile(join(there.path, "secret-key"), "utf8")).toBe(keyBefore);
  expect(await readdir(there.path)).toEqual(filesBefore);
  await there.start();
  const slugs = (await there.call("GET", "/v1/tenants")).items.map((it: { slug: string }) => it.slug);
  expect(slugs).toEqual(["kept"]);
});

test("a restore leaves every trigger as it was, the one of the audit log among them", async () => {
  await using from = await createTestDatabase();
  await using to = await createTestDatabase();
  await using directory = await createDataDirectory();
  const configOf = (url: string) => readConfig({ DATABASE_URL: url, ARCADIA_DATA_DIR: directory.path });
  const triggers = async () =>
    (await to.pool.query("select tgname, tgenabled from pg_trigger where not tgisinternal order by 1")).rows;
  const before = await triggers();
  const file = join(directory.path, "..", "triggers.backup");
  await backUp({ config: configOf(from.url), file });
  await restore({ allowUnverified: true, config: configOf(to.url), file });
  expect(await triggers()).toEqual(before);
  expect(before).toContainEqual({ tgname: "audit_log_is_append_only", tgenabled: "A" });
  // Used by now: its audit log holds the restore.
  await expect(restore({ allowUnverified: true, config: configOf(to.url), file })).rejects.toThrow(
    /is not empty \(audit_log\)/,
  );
  await restore({ allowUnverified: true, config: configOf(to.url), file, force: true });
  expect(await to.db.selectFrom("audit_log").select("action").execute()).toEqual([{ action: "database.restore" }]);
});

test("a forced restore that fails at its very commit has not replaced the key", async () => {
  await using from = await createTestDatabase();
  await using to = await createTestDatabase();
  await using here = await createDataDirectory();
  await using there = await createDataDirectory();
  const keys = ["a", "b"].map((digit) => `${digit.repeat(64)}\n`);
  for (const [index, { path }] of [here, there].entries()) {
    await mkdir(path, { mode: 0o700 });
    await writeFile(join(path, "secret-key"), keys[index] ?? "", { mode: 0o600 });
  }
  const file = join(here.path, "..", "keyed.backup");
  await backUp({ config: readConfig({ DATABASE_URL: from.url, ARCADIA_DATA_DIR: here.path }), file });
  const config = readConfig({ DATABASE_URL: to.url, ARCADIA_DATA_DIR: there.path });
  const keyThere = () => readFile(join(there.path, "secret-key"), "utf8");
  await expect(restore({ allowUnverified: true, config, file })).rejects.toThrow(
    /secret-key is there already.*nothing was changed.*--force/,
  );

  await to.pool.query(`
    create function refuse_commit() returns trigger language plpgsql as $$ begin raise 'no commit'; end $$;
    create constraint trigger refuse_commit after insert on audit_log
      deferrable initially deferred for each row execute function refuse_commit()`);
  await expect(restore({ allowUnverified: true, config, file, force: true })).rejects.toThrow("no commit");
  expect(await keyThere()).toBe(keys[1]);
  expect(await readdir(there.path)).toEqual(["secret-key"]);

  await to.pool.query("drop trigger refuse_commit on audit_log");
  await restore({ allowUnverified: true, config, file, force: true });
  expect(await keyThere()).toBe(keys[0]);
});
