import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { createDataDirectory } from "./data-directory.ts";
import { createTestDatabase } from "./database.ts";

const program = fileURLToPath(new URL("../src/main/start.ts", import.meta.url));

/** A start that is bound to fail. @returns how it ended, and what it said on standard error */
async function start(env: Readonly<Record<string, string>>): Promise<{ code: number | null; said: string }> {
  await using directory = await createDataDirectory();
  const server = spawn(process.execPath, [program], {
    env: { PATH: process.env["PATH"], ARCADIA_DATA_DIR: directory.path, ARCADIA_LOG_LEVEL: "fatal", ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = new Promise<number | null>((resolve) => server.once("exit", resolve));
  const said = await text(server.stderr);
  return { code: await ended, said };
}

test("a database that is not there, or lets nobody in, is named, without its password", async () => {
  await using database = await createTestDatabase();
  const { host, pathname } = new URL(database.url);
  for (const [url, reason] of [
    [
      `postgres://somebody:planted-word@127.0.0.1:1/arcadia`,
      "127.0.0.1:1/arcadia cannot be used (connect ECONNREFUSED",
    ],
    [`postgres://somebody:planted-word@${host}${pathname}`, `${host}${pathname} cannot be used (`],
  ] as const) {
    const { code, said } = await start({ DATABASE_URL: url });
    expect(code).toBe(1);
    expect(said).toContain(`The database at ${reason}`);
    expect(said).toContain("nothing was started or changed. See that it runs");
    expect(said.trim().split("\n")).toHaveLength(1);
    expect(said).not.toContain("planted-word");
  }
});

test("what cannot be right is refused before anything is looked for, without its value", async () => {
  const { code, said } = await start({ DATABASE_URL: "planted-word" });
  expect([code, said.trim()]).toEqual([
    2,
    "The configuration is wrong, nothing was started. DATABASE_URL: must begin with postgres://",
  ]);
});

test("a database without our tables says what to run", async () => {
  await using database = await createTestDatabase();
  await database.pool.query("drop table schema_migrations");
  const { code, said } = await start({ DATABASE_URL: database.url });
  expect([code, said.trim()]).toEqual([
    2,
    "This database has no tables of Arcadia yet: run `arcadia migrate`, then start again.",
  ]);
});
