import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { secretBox } from "./secret-box.ts";
import { loadSecretKey } from "./secret-key.ts";

async function directory() {
  const path = await mkdtemp(join(tmpdir(), "arcadia-secrets-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

test("a box opens with its key and for its owner only, and not when a bit of it is changed", () => {
  const box = secretBox(Buffer.alloc(32, 1));
  const sealed = box.seal("grüße", "deployment:1");
  expect(box.open(sealed, "deployment:1")).toBe("grüße");
  expect(() => box.open(sealed, "deployment:2")).toThrow("another owner");
  expect(() => secretBox(Buffer.alloc(32, 2)).open(sealed, "deployment:1")).toThrow("another key");
  for (let index = 0; index < sealed.length; index += 1) {
    const changed = Buffer.from(sealed);
    changed.writeUInt8(changed.readUInt8(index) ^ 1, index);
    expect(() => box.open(changed, "deployment:1")).toThrow();
  }
  expect(() => box.open(Buffer.alloc(3), "deployment:1")).toThrow("not a sealed secret");
  expect(box.seal("grüße", "deployment:1").equals(sealed)).toBe(false);
});

test("a digest is the same for the same text and key", () => {
  const [one, two] = [secretBox(Buffer.alloc(32, 1)), secretBox(Buffer.alloc(32, 2))];
  expect(one.digest("a").equals(one.digest("a"))).toBe(true);
  expect(one.digest("a").equals(one.digest("b")) || one.digest("a").equals(two.digest("a"))).toBe(false);
});

test("the key is made once, for its user only, and a damaged one is not replaced", async () => {
  await using dir = await directory();
  const file = join(dir.path, "secret-key");
  const made = await loadSecretKey({ file });
  expect(made).toHaveLength(32);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await loadSecretKey({ file })).equals(made)).toBe(true);
  const configured = await loadSecretKey({ configured: "x".repeat(32), file });
  expect([configured.length, configured.equals(made)]).toEqual([32, false]);
  await writeFile(file, "half");
  await expect(loadSecretKey({ file })).rejects.toThrow("Restore it from a backup");
});

test("two starts at once agree on one key", async () => {
  await using dir = await directory();
  const file = join(dir.path, "secret-key");
  const keys = await Promise.all(Array.from({ length: 5 }, () => loadSecretKey({ file })));
  expect(new Set(keys.map((key) => key.toString("hex"))).size).toBe(1);
});
