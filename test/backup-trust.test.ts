import { createHash, randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip, gunzipSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { hmacOf, longestLine } from "#backup/format.ts";
import { linesOf, proveBackup } from "#backup/read.ts";
import { secretBox } from "#secrets/secret-box.ts";
import { hashOfToken } from "#tokens/token-secret.ts";
import { provider, site } from "./backup-site.ts";
import { createDataDirectory } from "./data-directory.ts";

const planted = "arc_token_of_the_attacker_who_wrote_it_into_the_file";

const linesIn = async (file: string): Promise<string[]> =>
  gunzipSync(await readFile(file))
    .toString()
    .trimEnd()
    .split("\n");

/** Lines as a backup with the right checksum, signed with `key` if there is one. */
async function write(file: string, lines: readonly string[], key?: Buffer): Promise<void> {
  const text = lines.map((line) => `${line}\n`).join("");
  const sha256 = createHash("sha256").update(text).digest("hex");
  const rows = lines.filter((line) => line.startsWith('"')).length;
  const hmac = key && hmacOf(secretBox(key).digest, sha256);
  await writeFile(file, gzipSync(`${text}${JSON.stringify({ end: true, rows, sha256, hmac })}\n`));
}

/** An installation with a webhook, its backup, and the same backup with a token of somebody else's in it. */
async function backedUp() {
  const simulator = await provider({ bootMs: 100 });
  const here = await site(simulator);
  await here.start();
  await here.call("POST", "/v1/webhooks", { url: "https://hooks.example.com/a", events: ["saga.stuck"] });
  await here.backUp(here.file);
  await here.stop();
  const lines = (await linesIn(here.file)).slice(0, -1);
  const at = lines.findIndex((line) => line.startsWith('{"table":"api_tokens"'));
  const row = `(${crypto.randomUUID()},x,"\\\\x${hashOfToken(planted).toString("hex")}",admin,,"2026-01-01 00:00:00+00",,,,)`;
  const tampered = lines.toSpliced(at + 1, 0, JSON.stringify(row));
  return { simulator, here, lines, tampered };
}

test("a backup of one's own is verified; nobody who had access has it afterwards, unless asked", async () => {
  const { here } = await backedUp();
  const own = { allowUnverified: false, force: true };
  expect(await here.restore(here.file, own)).toMatchObject({
    verified: true,
    tokens_revoked: 1,
    webhooks_disabled: 1,
  });
  await here.start();
  const [webhook] = (await here.call("GET", "/v1/webhooks")).items;
  expect(webhook).toMatchObject({ enabled: false, disabled_reason: "restored from a backup" });
  await here.stop();
  const kept = await here.restore(here.file, { ...own, keepTokens: true, keepWebhooks: true });
  expect(kept).toMatchObject({ verified: true, tokens_revoked: 0, webhooks_disabled: 0 });
  await here.start();
  expect((await here.call("GET", "/v1/webhooks")).items[0]).toMatchObject({ enabled: true });
});

test("a planted token does not get in, whatever its file was signed with, and whoever takes it all the same", async () => {
  const { simulator, here, tampered } = await backedUp();
  const ownKey = Buffer.from((await readFile(join(here.path, "secret-key"), "utf8")).trim(), "hex");
  const own = { allowUnverified: false, force: true };
  for (const key of [undefined, randomBytes(32)]) {
    await write(here.file, tampered, key);
    await expect(here.restore(here.file, own)).rejects.toThrow(
      /not signed|not made with this installation's secret key/,
    );
  }
  // With the key that is in the file, where there is no other to compare it with.
  await write(here.file, tampered, ownKey);
  const there = await site(simulator);
  await expect(there.restore(here.file, { allowUnverified: false })).rejects.toThrow(/no secret key here to verify/);
  expect(await there.restore(here.file)).toMatchObject({ verified: false, tokens_revoked: 2 });
  await there.start();
  expect(await there.callAs(planted, "/v1/tokens")).toMatchObject({ status: 401 });
});

test("what is unfinished in a backup of unknown making waits for an operator, unless asked", async () => {
  const simulator = await provider({ bootMs: 60_000 });
  const [here, there] = [await site(simulator), await site(simulator)];
  await here.start();
  const spec = { name: "web", region: "syd1", size_slug: "s-1vcpu-1gb", image: "debian-12-x64" };
  await here.call("POST", "/v1/droplets", spec);
  await here.backUp(here.file);
  await here.stop();
  const unsaid = { hold: undefined };
  expect(await there.restore(here.file, unsaid)).toMatchObject({ verified: false, unfinished: 1, held: true });
  await there.start();
  const [saga] = (await there.call("GET", "/v1/sagas")).items;
  expect(saga).toMatchObject({ status: "stuck", stuck_error: { code: "restored" } });
  const own = { ...unsaid, allowUnverified: false, force: true };
  expect(await here.restore(here.file, own)).toMatchObject({ verified: true, unfinished: 1, held: false });
});

test("rows are put into our own tables only, whatever other ones a backup names", async () => {
  const { simulator, lines } = await backedUp();
  const there = await site(simulator);
  const names = ["pg_authid", "pg_proc", "pg_trigger", "pg_db_role_setting", "schema_migrations", "job", "nowhere", ""];
  for (const table of names) {
    await write(there.file, [...lines, JSON.stringify({ table, columns: [] }), JSON.stringify("(1)")]);
    await expect(there.restore(there.file)).rejects.toThrow(`rows of ${table}, which is no table of ours`);
  }
  const [head = "", ...rest] = lines;
  await write(there.file, [head, JSON.stringify("(1)"), ...rest]);
  await expect(there.restore(there.file)).rejects.toThrow("a row before any table");
});

test("a backup of release 0.1.0 is said to be unsigned, and taken when that is asked", async () => {
  const { simulator, here, lines } = await backedUp();
  const [head = "", ...rest] = lines;
  await write(here.file, [JSON.stringify({ ...JSON.parse(head), version: 1 }), ...rest]);
  const there = await site(simulator);
  await expect(there.restore(here.file, { allowUnverified: false })).rejects.toThrow("is not signed: release 0.1.0");
  expect(await there.restore(here.file)).toMatchObject({ verified: false });
});

test("the key from outside is the authority where there is one", async () => {
  const { here } = await backedUp();
  const key = (await readFile(join(here.path, "secret-key"), "utf8")).trim();
  await rm(join(here.path, "secret-key"));
  await expect(here.restore(here.file, { allowUnverified: false, force: true })).rejects.toThrow("--allow-unverified");
  const other = here.restore(here.file, { allowUnverified: false, force: true, secretKey: key });
  await expect(other).rejects.toThrow("sealed with another key");
});

test("a line without an end is refused without being held in memory, and so is a file that was exchanged", async () => {
  await using directory = await createDataDirectory();
  const file = `${directory.path}.backup`;
  const mebibyte = Buffer.alloc(1_048_576, "a");
  async function* endless() {
    for (let count = 0; count < 700; count += 1) yield mebibyte;
  }
  await pipeline(Readable.from(endless()), createGzip({ level: 1 }), createWriteStream(file));
  const before = process.memoryUsage().rss;
  await expect(proveBackup(file)).rejects.toMatchObject({
    cause: { message: expect.stringContaining(`${longestLine}`) },
  });
  expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);

  const manifest = {
    format: "arcadia-backup",
    version: 2,
    release: "x",
    taken_at: "2026-11-26T00:00:00Z",
    migrations: [],
  };
  await write(file, [JSON.stringify(manifest)]);
  const { sha256 } = await proveBackup(file);
  await write(file, [JSON.stringify({ ...manifest, release: "y" })]);
  await expect(Array.fromAsync(linesOf(file, sha256))).rejects.toThrow("was changed while it was read");
});
