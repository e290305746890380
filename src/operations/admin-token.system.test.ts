import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "#clock.ts";
import { systemIds } from "#ids.ts";
import { createTestDatabase } from "#test/database.ts";
import { ensureAdminToken } from "./admin-token.ts";
import { findTokenByHash, revokeToken } from "#tokens/queries.ts";
import { hashOfToken } from "#tokens/token-secret.ts";

async function place() {
  const database = await createTestDatabase();
  const path = await mkdtemp(join(tmpdir(), "arcadia-token-"));
  const file = join(path, "admin-token");
  const ensure = (token?: string, machine?: string) =>
    ensureAdminToken(database.db, { token, machine, file, clock: systemClock, ids: systemIds(systemClock) });
  const inFile = async () => (await readFile(file, "utf8")).trim();
  const known = async (secret: string) => findTokenByHash(database.db, hashOfToken(secret));
  const live = async () => {
    const rows = await database.db.selectFrom("api_tokens").select("id").where("revoked_at", "is", null).execute();
    return rows.length;
  };
  return {
    live,
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
  expect(await it.ensure()).toEqual({ created: true, file: it.file, revoked: false });
  const secret = await it.inFile();
  expect((await stat(it.file)).mode & 0o777).toBe(0o600);
  expect(await it.known(secret)).toMatchObject({ role: "admin", tenant_id: null, expires_at: null });
  expect(await it.ensure()).toEqual({ created: false, file: it.file, revoked: false });
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
  expect(await it.ensure(outside)).toEqual({ created: true, file: undefined, revoked: false });
  expect(await it.ensure(outside)).toEqual({ created: false, file: undefined, revoked: false });
  expect((await it.known(outside))?.role).toBe("admin");
  await expect(stat(it.file)).rejects.toThrow("ENOENT");
});

test("a new token from outside replaces the one before, and only that, for good", async () => {
  await using it = await place();
  await it.ensure();
  const [first, second] = ["the-first-token-from-outside", "the-second-token-from-outside"];
  await it.ensure(first);
  expect(await it.ensure(second)).toEqual({ created: true, file: undefined, revoked: false });
  expect((await it.known(first))?.revoked_at).not.toBeNull();
  expect((await it.known(second))?.revoked_at).toBeNull();
  expect((await it.known(await it.inFile()))?.revoked_at).toBeNull();
  const audit = await it.db.selectFrom("audit_log").selectAll().where("action", "=", "token.revoke").execute();
  expect(audit).toMatchObject([
    {
      object_id: (await it.known(first))?.id,
      subject: "start of the server",
      detail: { replaced_by: (await it.known(second))?.id },
    },
  ]);
  // A server that still has the old one in its environment neither brings it back nor takes the new one away.
  expect(await it.ensure(first)).toEqual({ created: false, file: undefined, revoked: true });
  expect((await it.known(second))?.revoked_at).toBeNull();
  expect(await it.live()).toBe(2);
});

test("a new token in the file replaces the one before, but not that of another machine's file", async () => {
  await using it = await place();
  await it.ensure(undefined, "a");
  const ofA = await it.inFile();
  await rm(it.file);
  await it.ensure(undefined, "b");
  const ofB = await it.inFile();
  await rm(it.file);
  await it.ensure(undefined, "b");
  expect((await it.known(ofA))?.revoked_at).toBeNull();
  expect((await it.known(ofB))?.revoked_at).not.toBeNull();
  expect((await it.known(await it.inFile()))?.revoked_at).toBeNull();
  expect(await it.live()).toBe(2);
});
