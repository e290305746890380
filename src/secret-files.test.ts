import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readConfig } from "./config.ts";

async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "arcadia-secret-files-"));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

const secrets = [
  ["DATABASE_URL", "postgres://a:b@db.internal/arcadia", "databaseUrl"],
  ["ARCADIA_MIGRATION_DATABASE_URL", "postgres://o:b@db.internal/arcadia", "migrationDatabaseUrl"],
  ["DIGITALOCEAN_TOKEN", "dop_v1_planted", "provider.token"],
  ["DIGITALOCEAN_ACCESS_TOKEN", "dop_v1_planted", "provider.token"],
  ["ARCADIA_ADMIN_TOKEN", "an-admin-token-of-32-characters,-or-more", "adminToken"],
  ["ARCADIA_SECRET_KEY", "a secret key of 32 characters, or more", "secretKey"],
  ["ARCADIA_API_TOKEN", "arc_planted", "apiToken"],
] as const;

test.each(secrets)(
  "%s is read from a file too, without its line end, and is gone from the environment",
  async (...it) => {
    const [name, value, place] = it;
    const path = await directory();
    const [file, link] = [join(path, "secret"), join(path, "link")];
    await symlink(file, link);
    for (const [content, at] of [
      [`${value}\n`, file],
      [`${value}\r\n`, file],
      [`\uFEFF${value}`, link],
    ] as const) {
      await writeFile(file, content);
      const env: Record<string, string> = { [`${name}_FILE`]: at };
      expect(readConfig(env)).toHaveProperty(place, value);
      expect(env).toEqual({});
    }
    await writeFile(file, value);
    const both = { [name]: value, [`${name}_FILE`]: file };
    expect(() => readConfig(both)).toThrow(`nothing was started. ${name}_FILE: is set beside ${name}; set one of them`);
    expect(readConfig({ [name]: value, [`${name}_FILE`]: "" })).toHaveProperty(place, value);
  },
);

test("a file that cannot be the secret is said in one sentence, without what it holds", async () => {
  const path = await directory();
  const at = (name: string) => join(path, name);
  await mkdir(at("directory"));
  execFileSync("mkfifo", [at("pipe")]);
  await writeFile(at("empty"), " \n");
  await writeFile(at("large"), "planted".repeat(10_000));
  await writeFile(at("binary"), Buffer.from([0xff, 0xfe, 0x70, 0x6c]));
  await writeFile(at("two-lines"), "planted\nplanted\n");
  for (const [name, why] of [
    ["missing", "cannot be read (ENOENT)"],
    ["directory", "is not an ordinary file"],
    ["pipe", "is not an ordinary file"],
    ["empty", "is empty"],
    ["large", "has more than 65536 bytes"],
    ["binary", "is not text in UTF-8"],
  ] as const)
    expect(() => readConfig({ DIGITALOCEAN_TOKEN_FILE: at(name) })).toThrow(
      `The configuration is wrong, nothing was started. DIGITALOCEAN_TOKEN_FILE: ${at(name)} ${why}`,
    );
  const both = () => readConfig({ DIGITALOCEAN_TOKEN_FILE: at("two-lines"), PORT: "x" });
  expect(both).toThrow(/DIGITALOCEAN_TOKEN: must be one line of printable ASCII; PORT:/);
  expect(both).not.toThrow(/planted/);
});
