import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "#clock.ts";
import { systemIds } from "#ids.ts";
import { createTestDatabase } from "#test/database.ts";
import { ensureAdminToken } from "./admin-token.ts";
import { findTokenByHash, revokeToken } from "./queries.ts";
import { hashOfToken } from "./token-secret.ts";

async function place() {
  const database = await createTestDatabase();
  const path = await mkdtemp(join(tmpdir(), "arcadia-token-"));
  const file = join(path, "admin-token");
  const ensure = (token?: string) =>
    ensureAdminToken(database.db, { token, file, clock: systemClock, ids: systemIds(systemClock) });
  const inFile = async () => (await readFile(file, "utf8")).trim();
  const known = async (secret: string) => findTokenByHash(database.db, hashOfToken(secret));
  return {
    db: database.db,
    file,
    ensure,
    inFile,
    known,
    async [Symbol.asyncDispose]() {
      await database.close();
      await rm(path, { recursive: true });
    },
  };
}

test("the first start writes a token for its user only, the next ones keep it", async () => {
  await using it = await place();
  expect(await it.ensure()).toEqual({ created: true, file: it.file });
  const secret = await it.inFile();
  expect((await stat(it.file)).mode & 0o777).toBe(0o600);
  expect(await it.known(secret)).toMatchObject({ role: "admin", tenant_id: null, expires_at: null });
  expect(await it.ensure()).toEqual({ created: false, file: it.file });
  expect(await it.inFile()).toBe(secret);
  expect(await it.db.selectFrom("audit_log").select("action").execute()).toEqual([{ action: "token.create" }]);
});

test("a start that died before it wrote the row is completed with the same token", async () => {
  await using it = await place();
  await it.ensure();
  const secret = await it.inFile();
  await it.db.deleteFrom("api_tokens").execute();
  expect((await it.ensure()).created).toBe(true);
  expect([await it.inFile(), (await it.known(secret))?.role]).toEqual([secret, "admin"]);
});

test.each([
  ["deleted", async (file: string) => rm(file)],
  ["half written", async (file: string) => writeFile(file, "arc_half")],
])("a file that was %s gives a new token", async (_, spoil) => {
  await using it = await place();
  await it.ensure();
  const before = await it.inFile();
  await spoil(it.file);
  expect((await it.ensure()).created).toBe(true);
  const after = await it.inFile();
  expect([after === before, (await it.known(after))?.role]).toEqual([false, "admin"]);
});

test("a revoked token is replaced only when no other admin is left", async () => {
  await using it = await place();
  await it.ensure();
  const secret = await it.inFile();
  const row = await it.known(secret);
  await it.ensure("another-admin-token-from-outside");
  await it.db.transaction().execute((tx) => revokeToken(tx, row?.id ?? "", new Date()));
  expect((await it.ensure()).created).toBe(false);
  expect(await it.inFile()).toBe(secret);
  await it.db.updateTable("api_tokens").set({ revoked_at: new Date() }).execute();
  expect((await it.ensure()).created).toBe(true);
  expect(await it.inFile()).not.toBe(secret);
});

test("a token from outside is registered once and written to no file", async () => {
  await using it = await place();
  const outside = "a-token-set-from-outside";
  expect(await it.ensure(outside)).toEqual({ created: true, file: undefined });
  expect(await it.ensure(outside)).toEqual({ created: false, file: undefined });
  expect((await it.known(outside))?.role).toBe("admin");
  await expect(stat(it.file)).rejects.toThrow("ENOENT");
});
